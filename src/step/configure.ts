// After load and before stress: addresses, bonds, rings, channels, features, rules, speed. All that resets a NIC is done
// here, and it ends only when the links are up and the hosts hear each other.
import { harnessFault, usageFault } from "../fault/fault.js";
import { quote, type RemoteEnd } from "../target/remote-command.js";
import { runBatch, type BatchAnswer } from "../target/run-batch.js";
import { amplifyCommand } from "./amplify.js";
import type { ConfigureEntry, ConfigureSettings } from "./configure-settings.js";
import {
  chooseInterfaces,
  findInterfaces,
  interfaceListing,
  parseInterfaces,
  type NetInterface,
} from "./find-interfaces.js";
import { interfaceCommands, type InterfaceCommand } from "./interface-commands.js";
import { nicFactsScript, readNicFacts } from "./nic-facts.js";
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

type Configure = { configure: ConfigureSettings; amplify: boolean; module?: string };

/** Harness fault: a peer that is gone or refuses, an address that is not taken, an interface that is not there. */
export async function configure(
  hosts: TrialHosts,
  settings: Configure,
  io: TrialIo,
): Promise<ConfigureOutcome> {
  const all = [hosts.target, ...hosts.peers];
  const nobody = settings.configure.find(({ host }) => host && !all.some(({ name }) => name === host));
  if (nobody) throw usageFault(`configure names the host ${nobody.host}, which takes no part`);
  // The hosts at once; the next stage begins when all have ended, also when one has failed.
  const ends = await Promise.allSettled(
    all.map((host) =>
      configureHost(
        host,
        settings.configure.filter((entry) => (entry.host ?? hosts.target.name) === host.name),
        { isTarget: host === hosts.target, module: settings.module, io },
      ),
    ),
  );
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  const [own] = ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
  if (own === undefined || "kind" in own) return own ?? { kind: "lost", detail: "it does not answer" };
  return finishTarget(hosts, { ...settings, ...own }, io);
}

/** What the target was told: what its driver refused, and the interfaces, or their bonds, that carry traffic. */
interface Told {
  refused: string[];
  tops: string[];
}

async function configureHost(
  host: TrialHost,
  entries: readonly ConfigureEntry[],
  at: { isTarget: boolean; module: string | undefined; io: TrialIo },
): Promise<Told | Extract<ConfigureOutcome, { kind: "lost" }>> {
  if (entries.length === 0) return { refused: [], tops: [] };
  const found = await findInterfaces(host, at.module);
  if (found === undefined) {
    if (at.isTarget) return { kind: "lost", detail: "it does not answer" };
    throw harnessFault(`${host.name} does not answer`);
  }
  const named = entries.map((entry) => ({ entry, names: namesOf(host, entry, found) }));
  const done = await runCommands(
    host,
    named.flatMap(({ entry, names }) => interfaceCommands(entry, names)),
    { io: at.io, timeoutMs: batchLimitMs * entries.length },
  );
  const fatal = done.refusals.find(({ by }) => by.refusal === "ours" || !at.isTarget);
  if (fatal !== undefined) throw harnessFault(`${host.name} refuses ${fatal.by.what}: ${fatal.words}`);
  if (done.stopped !== undefined && at.isTarget) return { kind: "lost", detail: done.stopped };
  if (done.stopped !== undefined) throw harnessFault(`${host.name} was lost at ${done.stopped}`);
  return {
    refused: done.refusals.map(({ by, words }) => `${by.what}: ${words}`),
    tops: named.map(({ entry, names }) => entry.bond?.name ?? names[0] ?? ""),
  };
}

/** Amplifies, notes what is set, and waits for traffic. */
async function finishTarget(
  hosts: TrialHosts,
  plan: Configure & Told,
  io: TrialIo,
): Promise<ConfigureOutcome> {
  const { target, interfaces } = hosts.target;
  const peerAddresses = plan.configure.flatMap(({ host, address }) =>
    address !== undefined && hosts.peers.some((peer) => peer.name === host)
      ? [address.replace(/\/.*/, "")]
      : [],
  );
  const links = [...plan.tops.map(carrierCommand), ...peerAddresses.map(pingCommand)];
  const amplified = plan.amplify ? await findInterfaces(hosts.target, plan.module) : [];
  if (amplified === undefined) return { kind: "lost", detail: "it does not answer" };
  const names = amplified.flatMap((each) => (each === undefined ? [] : [each.name]));
  const commands = [...names.map(amplifyCommand), interfaceListing, nicFactsScript, ...links];
  const timeoutMs = batchLimitMs + (linkLimitSeconds + 10) * 1000 * links.length;
  const { answers, end } = await runBatch(target, commands, { timeoutMs, signal: io.signal });
  if (answers.length < commands.length) return { kind: "lost", detail: describeStop(end) };
  const [listing = "", nics = ""] = answers.slice(names.length).map(({ output }) => output);
  const failed = answers.slice(commands.length - links.length).findIndex(({ code }) => code !== 0);
  if (failed >= 0) {
    const top = plan.tops[failed];
    const address = peerAddresses[failed - plan.tops.length];
    const words = top === undefined ? `no answer from ${address} in` : `${top} has no link after`;
    return { kind: "no-traffic", detail: `${words} ${linkLimitSeconds} s` };
  }
  const facts = names.map((name, index) => [`${name} amplified`, answers[index]?.output.trim() ?? ""]);
  for (const card of chooseInterfaces(parseInterfaces(listing), interfaces, plan.module))
    for (const [fact, value] of Object.entries(card ? readNicFacts(nics, card.name) : {}))
      facts.push([`${card!.name} ${fact}`, value]);
  return {
    kind: "configured",
    refused: plan.refused,
    facts: Object.fromEntries(facts) as Record<string, string>,
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
  { io, timeoutMs }: { io: TrialIo; timeoutMs: number },
): Promise<{ refusals: { by: InterfaceCommand; words: string }[]; stopped: string | undefined }> {
  const { answers, end } = await runBatch(
    host.target,
    commands.map(({ command }) => command),
    { timeoutMs, signal: io.signal },
  );
  const refusals = answers.flatMap((answer, index) => {
    const by = commands[index];
    return answer.code === 0 || by === undefined ? [] : [{ by, words: lastWords(answer) }];
  });
  const during = commands[answers.length];
  return { refusals, stopped: during && `${during.what}: ${describeStop(end)}` };
}

/** Harness fault: an interface that is not there. */
function namesOf(
  host: TrialHost,
  { bond, interface: index }: ConfigureEntry,
  found: readonly (NetInterface | undefined)[],
): string[] {
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

function lastWords({ code, output }: BatchAnswer): string {
  return output.trim().split("\n").at(-1)?.trim().slice(0, 200) || `exit code ${code}`;
}
