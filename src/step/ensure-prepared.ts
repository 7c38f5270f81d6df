// A target may be found in any state: switched off, in the boot of a kernel that has already failed, or with the
// module of a step that was killed. It is brought to a known one first.
import { Fault, harnessFault } from "../fault/fault.js";
import { askForEnvironment } from "./environment.js";
import { expectPeer, prepareTarget, type Preparation, type PreparedTarget } from "./prepare-target.js";
import { recoverTarget } from "./recover-target.js";
import type { RemoteResult } from "../target/target.js";
import type { TrialHost, TrialHosts, TrialIo } from "./trial-hosts.js";
import { restoreDrivers } from "./unload-modules.js";

export interface FullPreparation extends Omit<Preparation, "restore"> {
  inTree: string | undefined;
  bootMs: number;
}

const restoreLimitMs = 60_000;

export async function ensurePrepared(
  hosts: TrialHosts,
  at: FullPreparation,
  io: TrialIo,
): Promise<PreparedTarget> {
  const { target } = hosts;
  const recover = async (oldBootId: string | undefined, cause: string, patienceMs: number): Promise<void> => {
    await recoverTarget(target, { oldBootId, bootMs: at.bootMs, patienceMs, cause, ...io });
  };
  const restore = async (): Promise<void> => {
    io.note(`${target.name}: not every interface under test is there: the kernel's own driver is loaded\n`);
    await restoreDrivers(target, { modules: [at.module], inTree: at.inTree, timeoutMs: restoreLimitMs });
  };
  const peers = Promise.all(hosts.peers.map(expectPeer));
  peers.catch(() => undefined); // told once the target is there
  const answer = await firstAnswer(target);
  if (answer === undefined) {
    const waitsMs = (await isOff(target)) ? 0 : at.bootMs;
    if (waitsMs > 0) io.note(`${target.name} may be booting: it has ${waitsMs / 1000} s to answer\n`);
    await recover(undefined, "it did not answer before the step", waitsMs);
  }
  const prepared = await prepareTarget(hosts, { ...at, restore }, answer);
  await peers;
  if (prepared.environment.failed === "") return prepared;
  await recover(prepared.bootId, `its kernel had failed before the step (${prepared.environment.failed})`, 0);
  const again = await prepareTarget(hosts, { ...at, restore });
  if (again.environment.failed === "") return again;
  throw new Fault(
    "target-lost",
    `the kernel of ${target.name} fails while it boots (${again.environment.failed})`,
    {
      hint: "dmesg there tells why",
    },
  );
}

/** A silent machine that is on may be in its boot, perhaps with its firmware being written: no power is taken from that. */
async function isOff({ target }: TrialHost): Promise<boolean> {
  const status = await target.power?.status().catch(() => undefined);
  return status === "off";
}

/** Words of ssh that blame the settings: no machine is switched off for them. */
const ourWay =
  /Permission denied|Host key verification failed|REMOTE HOST IDENTIFICATION|Could not resolve|Bad configuration|Too many authentication|no such identity|sudo:/i;

/** Undefined: none came. Harness fault when our own way there is what is wrong. */
async function firstAnswer(host: TrialHost): Promise<RemoteResult | undefined> {
  const answer = await askForEnvironment(host);
  const { end, stderr } = answer;
  if (end.kind === "exited" && end.code === 0) return answer;
  const words = end.kind === "lost" ? end.detail : stderr.trim();
  if (end.kind === "exited" || ourWay.test(words))
    throw harnessFault(`${host.name} can't be reached: ${words}`, {
      hint: "ssh -o BatchMode=yes to it must work without a question",
    });
  return undefined;
}
