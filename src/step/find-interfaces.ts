// The interfaces under test are described by card, address or driver; their names change with every driver.
import type { InterfaceDescription } from "../target/host-description.js";
import type { TrialHost } from "./trial-hosts.js";

/** A network interface with a card behind it. */
export interface NetInterface {
  /** As ip and ethtool name it: eth0. */
  name: string;
  mac: string;
  /** 0000:01:00.0, undefined for what is on no PCI bus. */
  pci: string | undefined;
  /** The module that serves it, else the driver. */
  driver: string | undefined;
}

/** POSIX sh that prints a line for each interface with a device behind it. */
export const interfaceListing = `for each in /sys/class/net/*; do
  [ -e "$each/device" ] || continue
  device=$(readlink -f "$each/device")
  module=$(readlink "$each/device/driver/module") || module=$(readlink "$each/device/driver") || module=
  # A bonded interface shows its bond's address; its own is kept beside.
  mac=; [ -r "$each/bonding_slave/perm_hwaddr" ] && read -r mac <"$each/bonding_slave/perm_hwaddr"
  [ -n "$mac" ] || read -r mac <"$each/address"
  echo "interface \${each##*/} $mac \${device##*/} \${module##*/}"
done`;

/**
 * The host's interfaces under test, in the order of its description; undefined for one that is not there. `module`
 * is the one under test: it may serve what the description finds by the in-tree driver's name. Undefined: the host
 * does not answer.
 */
export async function findInterfaces(
  { target, interfaces }: TrialHost,
  module?: string,
): Promise<(NetInterface | undefined)[] | undefined> {
  const result = await target.run(interfaceListing, { timeoutMs: 15_000 });
  if (result.end.kind !== "exited") return undefined;
  return chooseInterfaces(parseInterfaces(result.stdout.toString()), interfaces, module);
}

/** The interfaces that the descriptions mean, each at most once. */
export function chooseInterfaces<I extends NetInterface>(
  all: readonly I[],
  interfaces: readonly InterfaceDescription[],
  module?: string,
): (I | undefined)[] {
  const taken = new Set<I>();
  return interfaces.map((wanted) => {
    const found = all.find((each) => !taken.has(each) && matches(each, wanted, module));
    if (found !== undefined) taken.add(found);
    return found;
  });
}

/** What the listing printed; other lines are left out. */
export function parseInterfaces(text: string): NetInterface[] {
  return text.split("\n").flatMap((line) => {
    const [, name, mac = "", device, driver] = /^interface (\S+) (\S*) (\S+) (\S*)$/.exec(line) ?? [];
    if (name === undefined) return [];
    const pci = /^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/.test(device ?? "") ? device : undefined;
    return [{ name, mac, pci, driver: driver ? driver.replaceAll("-", "_") : undefined }];
  });
}

function matches(found: NetInterface, wanted: InterfaceDescription, module: string | undefined): boolean {
  if ("pci" in wanted) return found.pci === wanted.pci;
  if ("mac" in wanted) return found.mac === wanted.mac;
  return found.driver === wanted.driver.replaceAll("-", "_") || found.driver === module;
}
