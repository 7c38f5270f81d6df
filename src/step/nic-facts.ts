// What the interface under test is set to, as ethtool tells it: part of a trial's environment.

/** Features that change how packets are received; the other sixty of `ethtool -k` only fill pages. */
const telling =
  /^(rx-checksumming|tx-checksumming|scatter-gather|tcp-segmentation-offload|generic-receive-offload|large-receive-offload|rx-vlan-offload|ntuple-filters|receive-hashing|rx-gro-hw): (\w+)/gm;

/** sh that prints the facts of every network card, so that names need not be known before. */
export const nicFactsScript = `for path in /sys/class/net/*; do
  [ -e "$path/device" ] || continue
  nic=\${path##*/}
  for option in g l k; do echo "== $option $nic"; ethtool -$option "$nic" 2>/dev/null; done
  mtu= speed=
  { read -r mtu <"$path/mtu"; read -r speed <"$path/speed"; } 2>/dev/null
  echo "== link $nic"; echo "$mtu $speed"
done`;

/** "rings", "channels", "features", "mtu", "speed" of one card, where the driver tells them. */
export function readNicFacts(text: string, name: string): Record<string, string> {
  const parts = text.split(/^== /m);
  const part = (key: string): string =>
    parts.find((each) => each.startsWith(`${key} ${name}\n`))?.slice(key.length + name.length + 2) ?? "";
  const [mtu = "", speed = ""] = part("link").trim().split(" ");
  const facts = {
    rings: currentValues(part("g"), ["RX", "TX"]),
    channels: currentValues(part("l"), ["RX", "TX", "Combined"]),
    features: [...part("k").matchAll(telling)].map(([, feature, state]) => `${feature} ${state}`).join(", "),
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
