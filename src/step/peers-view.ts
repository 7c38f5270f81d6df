// Whether the target answers those who do not come our way: our own connection may be what is broken.
import { quote } from "../target/remote-command.js";
import type { TrialHosts } from "./trial-hosts.js";

const pingLimitMs = 15_000;

/** The IPv4 addresses that the target's interfaces under test (or their bonds) have and no peer has itself. */
export async function addressesUnderTest({ target, peers }: TrialHosts): Promise<string[]> {
  const own = await addressesOf(target.target);
  const theirs = await Promise.all(peers.map((peer) => addressesOf(peer.target)));
  return own.filter((address) => !theirs.flat().includes(address));
}

async function addressesOf(target: TrialHosts["target"]["target"]): Promise<string[]> {
  const script = 'PATH="$PATH:/usr/sbin:/sbin"; ip -o -4 addr show scope global';
  const { stdout } = await target.run(script, { timeoutMs: 5000 });
  return [...stdout.toString().matchAll(/ inet ([\d.]+)\//g)].map((match) => match[1] ?? "");
}

/** True when a peer gets an answer from one of the addresses; undefined when there is nobody or nothing to ask. */
export async function reachableFromPeers(
  { peers }: TrialHosts,
  addresses: readonly string[],
): Promise<boolean | undefined> {
  if (peers.length === 0 || addresses.length === 0) return undefined;
  const pings = addresses.map((address) => `ping -c 2 -W 2 ${quote(address)} >/dev/null 2>&1 && exit 0`);
  const script = `PATH="$PATH:/usr/sbin:/sbin"; command -v ping >/dev/null || exit 3; ${pings.join("; ")}; exit 1`;
  const ends = await Promise.all(peers.map((peer) => peer.target.run(script, { timeoutMs: pingLimitMs })));
  const codes = ends.map(({ end }) => (end.kind === "exited" ? end.code : undefined));
  if (codes.includes(0)) return true;
  return codes.includes(1) ? false : undefined;
}
