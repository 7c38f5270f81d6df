// After load and before stress: addresses, bonds, rings, channels, features, rules, speed. All that resets a NIC is done
// here, and it ends only when the links are up and the hosts hear each other.
import { harnessFault, usageFault } from "../fault/fault.js";
import { quote, type RemoteEnd } from "../target/remote-command.js";
import { runBatch, type BatchAnswer } from "../target/run-batch.js";
import { amplifyCommand } from "./amplify.js";
import type { ConfigureEntry, ConfigureSettings } from "./configure-settings.js";
import { findInterfaces } from "./find-interfaces.js";
import { interfaceCommands, type InterfaceCommand } from "./interface-commands.js";
import { nicFactCommands, readNicFacts } from "./nic-facts.js";
import type { TrialHost, TrialHosts, TrialIo } from "./trial-hosts.js";

export type ConfigureOutcome =
  | {
      kind: "configured";
      /** What this release's driver can't do, in words. */
      refused: string[];
      /** By "HOST INTERFACE rings" and so on, for the trial's environment. */
      facts: Record<string, string>;
    }
  /** The target's link does not come up, or no packet passes: this release's own way to fail. */
  | { kind: "no-traffic"; detail: string }
  /** The target died or stopped answering. */
  | { kind: "lost"; detail: string };

/** One batch of commands; a driver may take seconds for each. */
const batchLimitMs = 60_000;
const linkLimitSeconds = 30;

/** Harness fault: a peer that is gone or refuses, an address that is not taken, an interface that is not there. */
export async function configure(
  hosts: TrialHosts,
  settings: { configure: ConfigureSettings; amplify: boolean; module?: string },
  io: TrialIo,
): Promise<ConfigureOutcome> {
  const all = new Map([hosts.target, ...hosts.peers].map((host) => [host.name, host]));
  const refused: string[] = [];
  const facts: Record<string, string> = {};
  const tops: string[] = [];
  for (const entry of settings.configure) {
    const host = entry.host === undefined ? hosts.target : all.get(entry.host);
    if (host === undefined) throw usageFault(`configure names the host ${entry.host}, which takes no part`);
    const isTarget = host === hosts.target;
    const names = await namesOf(host, entry, settings.module);
    if (names === undefined) {
      if (isTarget) return { kind: "lost", detail: "it does not answer" };
      throw harnessFault(`${host.name} does not answer`);
    }
    const commands = interfaceCommands(entry, names);
    const done = await runCommands(host, commands, io);
    for (const no of done.refusals) {
      if (no.by.refusal === "ours" || !isTarget)
        throw harnessFault(`${host.name} refuses ${no.by.what}: ${no.words}`);
      refused.push(`${no.by.what}: ${no.words}`);
    }
    if (done.stopped !== undefined && isTarget) return { kind: "lost", detail: done.stopped };
    if (done.stopped !== undefined) throw harnessFault(`${host.name} was lost at ${done.stopped}`);
    if (isTarget) tops.push(entry.bond?.name ?? names[0] ?? "");
  }
  return (
    (await finishTarget(hosts, { ...settings, tops, facts }, io)) ?? { kind: "configured", refused, facts }
  );
}

/** Amplifies, notes what is set, and waits for traffic; undefined when all is well. */
async function finishTarget(
  hosts: TrialHosts,
  plan: {
    configure: ConfigureSettings;
    amplify: boolean;
    module?: string;
    tops: string[];
    facts: Record<string, string>;
  },
  io: TrialIo,
): Promise<ConfigureOutcome | undefined> {
  const { target } = hosts.target;
  const found = await findInterfaces(hosts.target, plan.module);
  if (found === undefined) return { kind: "lost", detail: "it does not answer" };
  const names = found.flatMap((each) => (each === undefined ? [] : [each.name]));
  const amplified = plan.amplify ? names : [];
  const commands = [...amplified.map(amplifyCommand), ...names.flatMap(nicFactCommands)];
  const { answers, end } = await runBatch(target, commands, { timeoutMs: batchLimitMs, signal: io.signal });
  if (answers.length < commands.length) return { kind: "lost", detail: describeStop(end) };
  amplified.forEach((name, index) => (plan.facts[`${name} amplified`] = answers[index]?.output.trim() ?? ""));
  names.forEach((name, index) => {
    const outputs = answers.slice(amplified.length + 4 * index).slice(0, 4);
    for (const [fact, value] of Object.entries(readNicFacts(outputs.map(outputOf))))
      plan.facts[`${name} ${fact}`] = value;
  });
  return waitForTraffic(hosts, plan, io);
}

async function waitForTraffic(
  hosts: TrialHosts,
  plan: { configure: ConfigureSettings; tops: string[] },
  io: TrialIo,
): Promise<ConfigureOutcome | undefined> {
  const peerAddresses = plan.configure.flatMap(({ host, address }) =>
    address !== undefined && hosts.peers.some((peer) => peer.name === host)
      ? [address.replace(/\/.*/, "")]
      : [],
  );
  const { target } = hosts.target;
  const commands = [...plan.tops.map(carrierCommand), ...peerAddresses.map(pingCommand)];
  if (commands.length === 0) return undefined;
  const timeoutMs = (linkLimitSeconds + 10) * 1000 * commands.length;
  const { answers, end } = await runBatch(target, commands, { timeoutMs, signal: io.signal });
  if (answers.length < commands.length) return { kind: "lost", detail: describeStop(end) };
  const failed = answers.findIndex(({ code }) => code !== 0);
  if (failed < 0) return undefined;
  const top = plan.tops[failed];
  const address = peerAddresses[failed - plan.tops.length];
  return {
    kind: "no-traffic",
    detail:
      top !== undefined
        ? `${top} has no link after ${linkLimitSeconds} s`
        : `no answer from ${address} in ${linkLimitSeconds} s`,
  };
}

function carrierCommand(name: string): string {
  return `for i in $(seq ${linkLimitSeconds * 5}); do
  [ "$(cat /sys/class/net/${quote(name)}/carrier 2>/dev/null)" = 1 ] && exit 0; sleep 0.2 2>/dev/null || sleep 1
done; exit 1`;
}

/** A target without ping is believed: the flows will tell. */
function pingCommand(address: string): string {
  return `command -v ping >/dev/null || exit 0
for i in $(seq ${linkLimitSeconds / 2}); do ping -c 1 -W 2 ${quote(address)} && exit 0; done; exit 1`;
}

async function runCommands(
  host: TrialHost,
  commands: readonly InterfaceCommand[],
  io: TrialIo,
): Promise<{ refusals: { by: InterfaceCommand; words: string }[]; stopped: string | undefined }> {
  const { answers, end } = await runBatch(
    host.target,
    commands.map(({ command }) => command),
    { timeoutMs: batchLimitMs, signal: io.signal },
  );
  const refusals = answers.flatMap((answer, index) => {
    const by = commands[index];
    return answer.code === 0 || by === undefined ? [] : [{ by, words: lastWords(answer) }];
  });
  const during = commands[answers.length];
  return { refusals, stopped: during && `${during.what}: ${describeStop(end)}` };
}

/** Undefined: the host does not answer. Harness fault: an interface that is not there. */
async function namesOf(
  host: TrialHost,
  { bond, interface: index }: ConfigureEntry,
  module: string | undefined,
): Promise<string[] | undefined> {
  const found = await findInterfaces(host, module);
  if (found === undefined) return undefined;
  return (bond?.interfaces ?? [index]).map((wanted) => {
    const name = found[wanted]?.name;
    if (name !== undefined) return name;
    const described = JSON.stringify(host.interfaces[wanted] ?? "none");
    throw harnessFault(`${host.name} has no interface ${wanted} (${described})`, {
      hint: "hosts.NAME.interfaces in tarbisect.yaml; has the driver taken the card?",
    });
  });
}

function describeStop(end: RemoteEnd): string {
  switch (end.kind) {
    case "lost":
      return end.detail;
    case "timed-out":
      return `no end in ${end.afterMs / 1000} s`;
    case "stopped":
    case "exited":
      return "it ended early";
  }
}

function outputOf({ output }: BatchAnswer): string {
  return output;
}

function lastWords({ code, output }: BatchAnswer): string {
  return output.trim().split("\n").at(-1)?.trim().slice(0, 200) || `exit code ${code}`;
}
