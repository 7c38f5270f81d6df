// One entry of the settings' `configure` as commands for sh, each with what a refusal of it means.
import { quote } from "../target/remote-command.js";
import type { ConfigureEntry } from "./configure-settings.js";

export interface InterfaceCommand {
  /** For messages: "ring rx 64". */
  what: string;
  command: string;
  /**
   * What it means when the command says no: `ours` (an address or a bond that the machine refuses), or `driver` (this
   * release's driver can't: noted, and the stress shows what it does without).
   */
  refusal: "ours" | "driver";
}

/** ethtool ends with 80 when there was nothing to change (its -G and -L). */
const unchanged = 80;

/** In the order in which they are run; `names` are the entry's interfaces. All that resets a NIC is among them. */
export function interfaceCommands(entry: ConfigureEntry, names: readonly string[]): InterfaceCommand[] {
  const [first = ""] = names;
  const top = entry.bond?.name ?? first;
  const ethtool = (what: string, words: string): InterfaceCommand[] =>
    names.map((name) => {
      const [option = "", ...rest] = words.split(" ");
      const command = `ethtool ${option} ${quote(name)} ${rest.join(" ")}; code=$?; [ $code = ${unchanged} ] || (exit $code)`;
      return { what: `${name}: ${what}`, command, refusal: "driver" };
    });
  return [
    ...(entry.bond === undefined ? [] : bondCommands(entry.bond, names)),
    ...names.map((name) => ip(`${name}: up`, `link set ${quote(name)} up`)),
    ...ringCommands(entry, ethtool),
    ...channelCommands(entry, ethtool),
    ...Object.entries(entry.features ?? {}).flatMap(([feature, on]) =>
      ethtool(`feature ${feature} ${on ? "on" : "off"}`, `-K ${quote(feature)} ${on ? "on" : "off"}`),
    ),
    ...(entry.speed === undefined
      ? []
      : ethtool(`speed ${entry.speed}`, `-s speed ${entry.speed} duplex full`)),
    ...(entry.mtu === undefined
      ? []
      : [
          {
            ...ip(`${top}: mtu ${entry.mtu}`, `link set ${quote(top)} mtu ${entry.mtu}`),
            refusal: "driver" as const,
          },
        ]),
    ...(entry.address === undefined
      ? []
      : [ip(`${top}: address ${entry.address}`, `addr replace ${quote(entry.address)} dev ${quote(top)}`)]),
    ip(`${top}: up`, `link set ${quote(top)} up`),
    ...(entry.rules ?? []).flatMap((rule) =>
      ethtool(`rule ${rule}`, `-N ${rule.trim().split(/\s+/).map(quote).join(" ")}`),
    ),
  ];
}

type Ethtool = (what: string, words: string) => InterfaceCommand[];

function ringCommands({ ring }: ConfigureEntry, ethtool: Ethtool): InterfaceCommand[] {
  const words = numbers(ring ?? {});
  return words === "" ? [] : ethtool(`ring ${words}`, `-G ${words}`);
}

function channelCommands({ channels }: ConfigureEntry, ethtool: Ethtool): InterfaceCommand[] {
  const words = numbers(channels ?? {});
  return words === "" ? [] : ethtool(`channels ${words}`, `-L ${words}`);
}

function numbers(values: Readonly<Record<string, number | undefined>>): string {
  return Object.entries(values)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]))
    .join(" ");
}

/** A bond of an earlier trial has lost its interfaces with their module: it is made anew. */
function bondCommands(
  bond: NonNullable<ConfigureEntry["bond"]>,
  names: readonly string[],
): InterfaceCommand[] {
  const name = quote(bond.name);
  return [
    {
      what: `${bond.name}: the old one`,
      command: `[ ! -e /sys/class/net/${name}/bonding ] || ip link del ${name}`,
      refusal: "ours",
    },
    {
      what: "bonding",
      command: "[ -d /sys/module/bonding ] || modprobe bonding max_bonds=0",
      refusal: "ours",
    },
    ip(`${bond.name}: bond ${bond.mode}`, `link add ${name} type bond mode ${quote(bond.mode)} miimon 100`),
    ...names.flatMap((slave) => [
      ip(`${slave}: down`, `link set ${quote(slave)} down`),
      ip(`${slave}: into ${bond.name}`, `link set ${quote(slave)} master ${name}`),
    ]),
  ];
}

function ip(what: string, words: string): InterfaceCommand {
  return { what, command: `ip ${words}`, refusal: "ours" };
}
