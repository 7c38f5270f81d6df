// Brings a lab up: plan, keys, image, one QEMU per guest, until every guest says that it is ready.
import { mkdtemp, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureKernel } from "../../build/kernels.js";
import { harnessFault, usageFault } from "../../fault/fault.js";
import { describeEnd, runChecked, runCommand } from "../../host/run-command.js";
import { chooseAcceleration } from "./acceleration.js";
import { writeGuestImage } from "./guest-image.js";
import { readyMark } from "./guest-init.js";
import { createLabKeys } from "./lab-keys.js";
import { checkLabSettings, planGuests, type GuestPlan, type LabPlan, type LabSettings } from "./lab-plan.js";
import { claimLab, findLab, guestPid, labFolder, recordLab, removeLab } from "./lab-state.js";
import { runQmp } from "./qmp.js";
import { qemu, qemuArguments } from "./qemu-arguments.js";

export interface LabOptions {
  cacheFolder: string;
  signal?: AbortSignal;
  note?: (text: string) => void;
}

const bootLimitMs = 240_000;
/** Debian's 5.10 was seen to hang in its boot under TCG (1 of 14): one reset, told to the user, then the rest of the time. */
const resetAfterMs = 120_000;

/** A running lab. What fails is taken down again; a lab of that name that already runs is a usage fault. */
export async function startLab(settings: LabSettings, options: LabOptions): Promise<LabPlan> {
  checkLabSettings(settings);
  const folder = labFolder(options.cacheFolder, settings.name);
  const found = await findLab(folder);
  if (found.kind === "up")
    throw usageFault(`lab ${settings.name} is already up`, "tarbisect lab down, or --name for a second one");
  if (found.kind === "cleaned") options.note?.(`cleaned a dead lab: ${found.reason}\n`);
  await checkQemu(settings.nic);
  const socketFolder = await mkdtemp(join(tmpdir(), "tarbisect-lab-"));
  await claimLab(folder, socketFolder);
  try {
    const lab = await prepareLab(settings, { folder, socketFolder }, options);
    for (const guest of lab.guests) await startGuest(lab, guest, options.signal);
    for (const guest of lab.guests) await waitUntilReady(guest, options);
    await recordLab(lab);
    return lab;
  } catch (error) {
    await removeLab(folder);
    throw error;
  }
}

async function prepareLab(
  settings: LabSettings,
  paths: { folder: string; socketFolder: string },
  options: LabOptions,
): Promise<LabPlan> {
  const { signal } = options;
  const kernel = await ensureKernel(settings.kernel, options);
  const guestImage = join(paths.folder, "guest.cpio");
  const makeImage = async (): Promise<void> => {
    const keys = await createLabKeys(paths.folder, settings.name);
    await writeGuestImage(guestImage, { kernel, keys, workFolder: paths.folder, ...(signal && { signal }) });
  };
  // The probe of KVM mostly waits (up to 5 s), and its answer is needed last.
  const [acceleration, sshPorts] = await Promise.all([
    chooseAcceleration(kernel.image, options),
    freePorts(settings.guests),
    makeImage(),
  ]);
  return {
    ...paths,
    name: settings.name,
    kernelRelease: kernel.release,
    kernelImage: kernel.image,
    guestImage,
    acceleration,
    nic: settings.nic,
    memoryMb: settings.memoryMb,
    panicSeconds: settings.panicSeconds,
    share: settings.share,
    guests: planGuests(settings, paths, sshPorts),
  };
}

async function startGuest(lab: LabPlan, guest: GuestPlan, signal?: AbortSignal): Promise<void> {
  const result = await runCommand(qemuArguments(lab, guest), {
    timeoutMs: 30_000,
    ...(signal && { signal }),
  });
  if (result.end.kind === "exited" && result.end.code === 0) return;
  throw harnessFault(
    `QEMU for guest ${guest.name} did not start: ${describeEnd(result.end)}: ${result.stderr.trim()}`,
  );
}

async function waitUntilReady(guest: GuestPlan, { signal, note }: LabOptions): Promise<void> {
  const started = performance.now();
  let reset = false;
  for (;;) {
    const said = await readFile(guest.consoleLog, "utf8").catch(() => "");
    if (said.includes(readyMark)) return;
    const last = said.trim().split("\n").slice(-3).join(" | ");
    if ((await guestPid(guest.pidFile)) === undefined)
      throw harnessFault(`the QEMU of guest ${guest.name} ended during its boot: ${last}`);
    const elapsedMs = performance.now() - started;
    if (elapsedMs > bootLimitMs)
      throw harnessFault(`guest ${guest.name} did not come up in ${bootLimitMs / 1000} s: ${last}`);
    if (elapsedMs > resetAfterMs && !reset) {
      reset = true;
      note?.(`guest ${guest.name} hangs in its boot (${last}): it is reset once\n`);
      await runQmp(guest.qmpSocket, "system_reset");
    }
    await sleep(50, undefined, { ...(signal && { signal }) });
  }
}

async function checkQemu(nic: string): Promise<void> {
  const devices = (await runChecked([qemu, "-device", "help"], { timeoutMs: 20_000 })).toString();
  if (devices.includes(`name "${nic}"`)) return;
  const version = /version (\S+)/.exec((await runChecked([qemu, "--version"])).toString())?.[1] ?? "unknown";
  throw usageFault(
    `QEMU ${version} has no ${nic}`,
    "igb needs QEMU 8.0 or newer (Debian 12: from bookworm-backports); e1000 and e1000e work with 7.2",
  );
}

// Asked for all at once, so that no port comes twice.
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  try {
    return await Promise.all(
      servers.map(
        (server) =>
          new Promise<number>((resolve, reject) => {
            server.on("error", reject);
            server.listen(0, "127.0.0.1", () => {
              const address = server.address();
              resolve(typeof address === "object" && address !== null ? address.port : 0);
            });
          }),
      ),
    );
  } finally {
    await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  }
}
