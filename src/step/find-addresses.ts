// Where traffic goes: the addresses of the interfaces under test, or of the bonds that took them in.
import { harnessFault } from "../fault/fault.js";
import { findInterfaces } from "./find-interfaces.js";
import type { TrialHost, TrialHosts } from "./trial-hosts.js";

export interface TrafficPlace {
  /** The interfaces under test, by the names that they have now. */
  names: string[];
  /** IPv4 of the first of them, or of its bond. */
  address: string | undefined;
}

/** By host. Harness fault: a host that does not answer; one whose interfaces are gone has no address. */
export async function findAddresses(
  hosts: TrialHosts,
  module: string | undefined,
): Promise<Map<TrialHost, TrafficPlace>> {
  const all = [hosts.target, ...hosts.peers];
  return new Map(
    await Promise.all(
      all.map(async (host): Promise<[TrialHost, TrafficPlace]> => {
        const interfaces = await answerOf(host, () =>
          findInterfaces(host, host === hosts.target ? module : undefined),
        );
        const names = interfaces.flatMap((each) => (each === undefined ? [] : [each.name]));
        const first = names[0];
        const text = first === undefined ? "" : await answerOf(host, () => addressText(host, first));
        return [host, { names, address: / inet ([\d.]+)\//.exec(text)?.[1] }];
      }),
    ),
  );
}

/** A busy machine gets a second chance: asking changes nothing. */
async function answerOf<T>(host: TrialHost, ask: () => Promise<T | undefined>): Promise<T> {
  const answer = (await ask()) ?? (await ask());
  if (answer === undefined) throw harnessFault(`${host.name} does not answer`);
  return answer;
}

async function addressText({ target }: TrialHost, name: string): Promise<string | undefined> {
  const script = `PATH="$PATH:/usr/sbin:/sbin"
top=$(readlink /sys/class/net/${name}/master); top=\${top##*/}
ip -o -4 addr show dev "\${top:-${name}}" scope global`;
  const { end, stdout } = await target.run(script, { timeoutMs: 20_000 });
  return end.kind === "exited" ? stdout.toString() : undefined;
}
