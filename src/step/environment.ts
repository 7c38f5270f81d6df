// What the target is apart from the module under test: a bisect's steps compare only when it stays the same.
import { Fault } from "../fault/fault.js";
import { interfaceListing, parseInterfaces, type NetInterface } from "./find-interfaces.js";
import type { RemoteResult } from "../target/target.js";
import type { TrialHost } from "./trial-hosts.js";

export interface Environment {
  /** uname -r and uname -v. */
  kernel: string;
  kernelBuild: string;
  commandLine: string;
  processor: string;
  processors: number;
  microcode: string;
  /** Maker and model, and the BIOS with its version and date, as DMI has them; "" where there is none. */
  machine: string;
  bios: string;
  /** The BMC's model and firmware, when the settings name a BMC and it answers; else "". */
  bmc: string;
  memoryKib: number;
  cards: Card[];
  /** Names of the interfaces that carry our own connection, with what lies below a bond or a VLAN. */
  way: string[];
  /** Whether this boot's kernel has failed already, in words; "" when not. */
  failed: string;
}

/** A network interface of the target with the card behind it. */
export interface Card extends NetInterface {
  /** vendor:device subsystem, as in /sys/bus/pci/devices. */
  ids: string;
  /** The module's srcversion: firmware is told by a driver, and two drivers may tell it differently. */
  driverSource: string;
  /** Firmware and NVM, as ethtool -i tells them. */
  firmware: string;
}

// A process costs a slow machine more than all that is asked here: what a shell can read itself, it reads.
const script = `line() { value=; { read -r value <"$1"; } 2>/dev/null; printf '%s\\n' "$value"; }
echo "== kernel"; line /proc/sys/kernel/osrelease
echo "== build"; line /proc/sys/kernel/version
echo "== cmdline"; line /proc/cmdline
echo "== memory"; line /proc/meminfo
echo "== processors"; cat /proc/cpuinfo
echo "== tainted"; line /proc/sys/kernel/tainted
dmi=/sys/class/dmi/id
echo "== machine"; for part in sys_vendor product_name; do line $dmi/$part; done
echo "== bios"; for part in bios_vendor bios_version bios_date; do line $dmi/$part; done
echo "== way"; set -- $SSH_CONNECTION; [ -z "$3" ] || ip -o addr show to "$3"
for lower in /sys/class/net/*/lower_*; do [ ! -e "$lower" ] || echo "$lower"; done
echo "== interfaces"
${interfaceListing}
for each in /sys/class/net/*; do
  [ -e "$each/device" ] || continue
  echo "== card \${each##*/}"
  for part in vendor device subsystem_vendor subsystem_device driver/module/srcversion; do line "$each/device/$part"; done
  ethtool -i "\${each##*/}" 2>/dev/null
done
echo "== boot"; line /proc/sys/kernel/random/boot_id
true`;

/** A target's answer to the first question of a step. */
export interface EnvironmentReading {
  /** The kernel's random id of this boot. */
  bootId: string;
  environment: Environment;
}

/** Asks for all of it in one call. */
export function askForEnvironment({ target }: TrialHost): Promise<RemoteResult> {
  return target.run(script, { timeoutMs: 60_000, keepBytes: 8 * 1024 * 1024 });
}

/** A slow machine's connection may break under one question; a dead one's is refused each time at once. */
const tries = 3;

/** What the host answered, or answers when it is asked again; fault "target-lost" when it does not. */
export async function readEnvironment(host: TrialHost, answer?: RemoteResult): Promise<EnvironmentReading> {
  const { name, target } = host;
  let given = answer ?? (await askForEnvironment(host));
  for (let left = tries - 1; given.end.kind !== "exited" && left > 0; left--)
    given = await askForEnvironment(host);
  const { end, stdout } = given;
  const text = stdout.toString();
  const bootId = /^== boot\n([0-9a-f-]{36})$/m.exec(text)?.[1];
  if (end.kind !== "exited" || bootId === undefined)
    throw new Fault("target-lost", `${name} does not say what it is (${end.kind})`);
  const bmc = await target.bmc?.identify().catch(() => undefined); // it is no part of the test that it answers
  const told = bmc === undefined ? "" : [bmc.model, bmc.firmware].filter(Boolean).join(", firmware ");
  return { bootId, environment: parseEnvironment(text, told) };
}

export function parseEnvironment(text: string, bmc = ""): Environment {
  const sections = new Map(
    text.split(/^== /m).map((section) => {
      const end = section.indexOf("\n");
      return [section.slice(0, end), section.slice(end + 1).trim()];
    }),
  );
  const of = (name: string): string => sections.get(name) ?? "";
  const words = (name: string): string => of(name).replace(/\s+/g, " ");
  const processors = of("processors");
  const each = (key: string): string =>
    new RegExp(`^${key}\\s*: (.*)$`, "m").exec(processors)?.[1]?.trim() ?? "";
  return {
    kernel: of("kernel"),
    kernelBuild: of("build"),
    commandLine: of("cmdline"),
    processor: each("model name"),
    processors: [...processors.matchAll(/^processor\s*:/gm)].length,
    microcode: each("microcode"),
    machine: words("machine"),
    bios: words("bios"),
    bmc,
    memoryKib: Number(/(\d+) kB/.exec(of("memory"))?.[1] ?? 0),
    cards: parseInterfaces(of("interfaces")).map((found) => parseCard(found, of(`card ${found.name}`))),
    way: parseWay(of("way")),
    failed: describeTaint(Number(of("tainted"))),
  };
}

/** Lines of `ip -o addr`, and paths such as /sys/class/net/bond0/lower_eth0. */
function parseWay(text: string): string[] {
  const way = [...text.matchAll(/^\d+: ([^\s@]+)/gm)].map(([, name]) => name!);
  const below = [...text.matchAll(/^\/sys\/class\/net\/([^/]+)\/lower_(\S+)$/gm)];
  for (let depth = 0; depth < 3; depth++)
    for (const [, upper, lower] of below) if (way.includes(upper!) && !way.includes(lower!)) way.push(lower!);
  return way;
}

/** The bits that say that the kernel can't be trusted any more (kernel: admin-guide/tainted-kernels.rst). */
function describeTaint(bits: number): string {
  const signs = [
    [5, "bad page"],
    [7, "oops"],
    [14, "soft lockup"],
  ] as const;
  return signs.flatMap(([bit, words]) => ((bits >> bit) & 1 ? [words] : [])).join(", ");
}

function parseCard(found: NetInterface, text: string): Card {
  const [vendor = "", device = "", subVendor = "", subDevice = "", driverSource = ""] = text.split("\n");
  const firmware = /^firmware-version: (.*)$/m.exec(text)?.[1]?.trim() ?? "";
  return {
    ...found,
    ids: `${vendor}:${device} ${subVendor}:${subDevice}`.replaceAll("0x", ""),
    driverSource,
    firmware,
  };
}

export interface Difference {
  what: string;
  first: string;
  now: string;
}

/** What differs between two readings, cards by their place; what only another driver could tell is left out. */
export function compareEnvironments(first: Environment, now: Environment): Difference[] {
  const plain = (
    ["kernel", "kernelBuild", "commandLine", "processor", "processors", "microcode"] as const
  ).map((what) => ({ what, first: String(first[what]), now: String(now[what]) }));
  // What one of the two readings did not tell is no difference.
  const told = (["machine", "bios", "bmc"] as const)
    .filter((what) => Boolean(first[what]) && Boolean(now[what]))
    .map((what) => ({ what, first: first[what], now: now[what] }));
  const memory = { what: "memory", first: `${first.memoryKib} KiB`, now: `${now.memoryKib} KiB` };
  // A kernel gives away some memory before it counts, and not the same each time.
  const sameMemory = Math.abs(first.memoryKib - now.memoryKib) <= first.memoryKib / 50;
  const cards = first.cards.flatMap((card) => {
    const what = `card ${card.pci ?? card.mac}`;
    const other = now.cards.find((each) => each.pci === card.pci && each.mac === card.mac);
    if (other === undefined) return [];
    const sameDriver = card.driver === other.driver && card.driverSource === other.driverSource;
    return [
      { what, first: card.ids, now: other.ids },
      ...(sameDriver ? [{ what: `${what} firmware`, first: card.firmware, now: other.firmware }] : []),
    ];
  });
  return [...plain, ...told, ...(sameMemory ? [] : [memory]), ...cards].filter(
    (each) => each.first !== each.now,
  );
}
