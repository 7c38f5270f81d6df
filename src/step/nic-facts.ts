// What the interface under test is set to, as ethtool tells it: part of a trial's environment.
import { quote } from "../target/remote-command.js";

/** Features that change how packets are received; the other sixty of `ethtool -k` only fill pages. */
const telling =
  /^(rx-checksumming|tx-checksumming|scatter-gather|tcp-segmentation-offload|generic-receive-offload|large-receive-offload|rx-vlan-offload|ntuple-filters|receive-hashing|rx-gro-hw): (\w+)/gm;

/** Commands whose outputs `readNicFacts` takes, in this order. */
export function nicFactCommands(name: string): string[] {
  const nic = quote(name);
  return [
    `ethtool -g ${nic}`,
    `ethtool -l ${nic}`,
    `ethtool -k ${nic}`,
    `cat /sys/class/net/${nic}/mtu /sys/class/net/${nic}/speed 2>/dev/null | tr '\\n' ' '`,
  ];
}

/** "rings", "channels", "features", "mtu", "speed", where the driver tells them. */
export function readNicFacts([
  rings = "",
  channels = "",
  features = "",
  link = "",
]: readonly string[]): Record<string, string> {
  const [mtu = "", speed = ""] = link.split(" ");
  const facts = {
    rings: currentValues(rings, ["RX", "TX"]),
    channels: currentValues(channels, ["RX", "TX", "Combined"]),
    features: [...features.matchAll(telling)].map(([, name, state]) => `${name} ${state}`).join(", "),
    mtu,
    speed,
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== ""));
}

/** ethtool prints the maxima first and then the same names with what is set. */
function currentValues(text: string, names: readonly string[]): string {
  const current = text.slice(Math.max(0, text.indexOf("Current hardware settings")));
  return names
    .flatMap((name) => {
      const value = new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(current)?.[1];
      return value === undefined ? [] : [`${name.toLowerCase()} ${value}`];
    })
    .join(" ");
}
