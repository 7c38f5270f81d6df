// Where traffic goes: the addresses of the interfaces under test, or of the bonds that took them in.
import { findInterfaces } from "./find-interfaces.js";
import type { TrialHost, TrialHosts } from "./trial-hosts.js";

export interface TrafficPlace {
  /** The interfaces under test, by the names that they have now. */
  names: string[];
  /** IPv4 of the first of them, or of its bond. */
  address: string | undefined;
}

/** By host; a host that does not answer, or whose interfaces are gone, has none. */
export async function findAddresses(
  hosts: TrialHosts,
  module: string | undefined,
): Promise<Map<TrialHost, TrafficPlace>> {
  const all = [hosts.target, ...hosts.peers];
  const found = await Promise.all(
    all.map(async (host): Promise<[TrialHost, TrafficPlace]> => {
      const interfaces = (await findInterfaces(host, host === hosts.target ? module : undefined)) ?? [];
      const names = interfaces.flatMap((each) => (each === undefined ? [] : [each.name]));
      return [host, { names, address: await addressOf(host, names[0]) }];
    }),
  );
  return new Map(found);
}

async function addressOf({ target }: TrialHost, name: string | undefined): Promise<string | undefined> {
  if (name === undefined) return undefined;
  const script = `PATH="$PATH:/usr/sbin:/sbin"
top=$(readlink /sys/class/net/${name}/master); top=\${top##*/}
ip -o -4 addr show dev "\${top:-${name}}" scope global`;
  const { stdout } = await target.run(script, { timeoutMs: 10_000 });
  return / inet ([\d.]+)\//.exec(stdout.toString())?.[1];
}
