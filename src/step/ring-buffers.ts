// How many receive buffers the interfaces under test hold all the time.
import { readRings } from "../evidence/rings.js";
import { quote } from "../target/remote-command.js";
import { findInterfaces } from "./find-interfaces.js";
import type { TrialHost } from "./trial-hosts.js";

/** Ring size times queues, over all of them; undefined where a driver does not tell. sysfs counts queues for any driver. */
export async function readRingBuffers(host: TrialHost, module: string): Promise<number | undefined> {
  const found = (await findInterfaces(host, module)) ?? [];
  const names = found.flatMap((each) => (each === undefined ? [] : [each.name]));
  const script = names.map(
    (name) =>
      `ethtool -g ${quote(name)}; set -- /sys/class/net/${quote(name)}/queues/rx-*; echo "queues ${name} $#"`,
  );
  const { stdout } = await host.target.run(`PATH="$PATH:/usr/sbin:/sbin"\n${script.join("\n")}`, {
    timeoutMs: 20_000,
    keepBytes: 1024 * 1024,
  });
  const text = stdout.toString();
  const rings = readRings(text);
  const buffers = names.map((name) => {
    const size = rings.find((each) => each.interface === name)?.rx;
    const queues = new RegExp(`^queues ${name.replace(/[^\w]/g, "\\$&")} (\\d+)$`, "m").exec(text)?.[1];
    return size === undefined || queues === undefined ? NaN : size * Number(queues);
  });
  const all = buffers.reduce((sum, each) => sum + each, 0);
  return names.length === 0 || Number.isNaN(all) ? undefined : all;
}
