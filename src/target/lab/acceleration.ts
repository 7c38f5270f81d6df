// KVM is used only when it has proved itself: a /dev/kvm that exists and hangs at 100 % of a processor was seen.
import { access, constants, readFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../../host/run-command.js";
import { writeFileAtomically } from "../../host/write-file.js";
import { qemu } from "./qemu-arguments.js";

const probeLimitMs = 5000;

type Acceleration = "kvm" | "tcg";

/** KVM when the probe proves it, TCG otherwise. The answer is kept for as long as this machine is up. */
export async function chooseAcceleration(
  kernelImage: string,
  options: { cacheFolder: string; signal?: AbortSignal },
): Promise<Acceleration> {
  try {
    await access("/dev/kvm", constants.R_OK | constants.W_OK);
  } catch {
    return "tcg";
  }
  const bootId = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
  const note = join(options.cacheFolder, "labs", "kvm-probe");
  const [knownBoot, known] = (await readFile(note, "utf8").catch(() => "")).trim().split(" ");
  if (knownBoot === bootId && (known === "kvm" || known === "tcg")) return known;
  const found = (await kvmWorks(kernelImage, options.signal)) ? "kvm" : "tcg";
  await writeFileAtomically(note, `${bootId} ${found}\n`);
  return found;
}

/** Boots the kernel without a root: it must speak on the serial port, panic and end, all within seconds. */
async function kvmWorks(kernelImage: string, signal?: AbortSignal): Promise<boolean> {
  const machine = ["-machine", "q35", "-accel", "kvm", "-cpu", "host", "-m", "256", "-no-reboot"];
  const quiet = ["-no-user-config", "-nodefaults", "-display", "none", "-serial", "stdio"];
  const boot = ["-kernel", kernelImage, "-append", "console=ttyS0 panic=-1"];
  const result = await runCommand([qemu, ...machine, ...quiet, ...boot], {
    timeoutMs: probeLimitMs,
    ...(signal && { signal }),
  });
  const spoke = result.stdout.includes("Linux version") && result.stdout.includes("Kernel panic");
  return spoke && result.end.kind === "exited";
}
