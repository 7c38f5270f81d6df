// What a step needs of the machines that tarbisect.yaml names, asked in one connection each; nothing is changed there.
import { messageOf, Fault } from "../fault/fault.js";
import type { NeedCheck } from "../host/needs.js";
import type { RemoteResult } from "../target/target.js";
import { describeRemoteEnd } from "../target/target.js";
import { proposeAmplify } from "./amplify.js";
import { checkMachine } from "./machine-checks.js";
import { chooseInterfaces, interfaceListing, parseInterfaces } from "./find-interfaces.js";
import { nicFactsScript } from "./nic-facts.js";
import type { TrialHost } from "./trial-hosts.js";

export interface HostRole {
  isTarget: boolean;
  /** iperf3 flows are set up. */
  flows: boolean;
  /** The module is built there. */
  builds: boolean;
  /** BCC's memleak runs there beside the stress. */
  memleak: boolean;
  /** The kernel that must be booted. */
  kernel: string | undefined;
  /** Whether the settings amplify, and how long their flows run; undefined: a command of the user's decides that. */
  amplify: { on: boolean; plannedMs: number | undefined };
}

export interface HostChecks {
  host: string;
  checks: NeedCheck[];
}

interface Need {
  /** Programs that one package brings. */
  programs: readonly string[];
  for: string;
  /** The package by the manager that a distribution has; the first is Debian's name and everybody else's. */
  package: string;
  dnf?: string;
  when: (role: HostRole) => boolean;
  optional?: true;
}

const always = (): boolean => true;
const onTarget = ({ isTarget }: HostRole): boolean => isTarget;

const needs: readonly Need[] = [
  {
    programs: ["cat", "head", "sleep", "mktemp", "seq", "readlink", "tr"],
    for: "every command",
    package: "coreutils",
    when: always,
  },
  { programs: ["setsid"], for: "limits that end a whole command", package: "util-linux", when: always },
  { programs: ["grep"], for: "waiting for servers", package: "grep", when: ({ flows }) => flows },
  { programs: ["sed"], for: "what uses a module", package: "sed", when: onTarget },
  { programs: ["tar"], for: "sending the module", package: "tar", when: onTarget },
  { programs: ["insmod", "rmmod", "modprobe"], for: "loading the module", package: "kmod", when: onTarget },
  { programs: ["ip"], for: "addresses", package: "iproute2", dnf: "iproute", when: always },
  { programs: ["ethtool"], for: "settings and counters of a card", package: "ethtool", when: always },
  { programs: ["iperf3"], for: "traffic", package: "iperf3", when: ({ flows }) => flows },
  { programs: ["make", "gcc"], for: "building there", package: "make gcc", when: ({ builds }) => builds },
  {
    programs: ["memleak-bpfcc"],
    for: "stress.memleak, with the kernel's headers",
    package: "bpfcc-tools",
    when: ({ memleak }) => memleak,
    optional: true, // other distributions have it under other names
  },
  {
    programs: ["ping"],
    for: "asking whether the others hear it",
    package: "iputils-ping",
    dnf: "iputils",
    when: always,
    optional: true,
  },
];

const managers = ["apt-get", "dnf", "yum", "zypper", "pacman", "apk"] as const;
type Manager = (typeof managers)[number];
const install = {
  "apt-get": "apt-get install",
  dnf: "dnf install",
  yum: "yum install",
  zypper: "zypper install",
  pacman: "pacman -S",
  apk: "apk add",
} as const satisfies Record<Manager, string>;

const leastFreeKib = 100 * 1024;

/** Everything at once; a host that can't be reached has that one check. Never throws for what a host lacks. */
export async function checkHost(host: TrialHost, role: HostRole, reachHint: string): Promise<HostChecks> {
  const wanted = needs.filter(({ when }) => when(role));
  const programs = wanted.flatMap((need) => need.programs);
  const asked = role.isTarget ? `${question(programs)}\n${nicFactsScript}\ntrue` : question(programs);
  const result = await host.target.run(asked, {
    timeoutMs: 30_000,
  });
  if (result.end.kind !== "exited" || result.end.code !== 0)
    return { host: host.name, checks: [unreachable(result, reachHint)] };
  const text = result.stdout.toString();
  const said = (name: string): string | undefined => new RegExp(`^${name} (.*)$`, "m").exec(text)?.[1];
  const there = new Set(text.match(/^has \S+$/gm)?.map((line) => line.slice(4)));
  const manager = managers.find((name) => there.has(name));
  return {
    host: host.name,
    checks: [
      ok("reached", `kernel ${said("kernel") ?? "unknown"}, ${said("system") ?? "unknown system"}`),
      ...kernelCheck(role, said("kernel")),
      ...rootCheck(said("user")),
      ...wanted.map((need) => programCheck(need, there, manager)),
      ...interfaceChecks(host, text),
      ...amplifyCheck(host, role, text),
      ...(role.isTarget ? [...targetChecks(said), ...(await checkMachine(host.target))] : []),
    ],
  };
}

/** A host that could not even be described, such as a guest of a lab that is not up. */
export function unopened(host: string, error: unknown): HostChecks {
  const hint = error instanceof Fault ? error.hint : undefined;
  return { host, checks: [{ name: "reached", state: "missing", detail: messageOf(error), hint }] };
}

function question(programs: readonly string[]): string {
  return `
PATH="$PATH:/usr/sbin:/sbin"
echo "kernel $(uname -r)"
echo "system $([ -r /etc/os-release ] && . /etc/os-release; echo "\${PRETTY_NAME:-$(uname -s)}")"
echo "user $(id -u 2>/dev/null)"
for p in ${[...programs, ...managers].join(" ")}; do command -v "$p" >/dev/null 2>&1 && echo "has $p"; done
( : </dev/kmsg ) 2>/dev/null && echo "log kmsg" || { dmesg >/dev/null 2>&1 && echo "log dmesg"; }
echo "signed $(cat /sys/module/module/parameters/sig_enforce 2>/dev/null)"
echo "lockdown $(cat /sys/kernel/security/lockdown 2>/dev/null)"
echo "free $(df -Pk "\${TMPDIR:-/tmp}" 2>/dev/null | { read -r head; read -r device size used free rest; echo "$free"; })"
${interfaceListing}
true`;
}

function unreachable(result: RemoteResult, reachHint: string): NeedCheck {
  const detail = describeRemoteEnd(result);
  const hint = /host key/i.test(detail)
    ? "log in once by hand, so that its key gets into known_hosts"
    : reachHint;
  return { name: "reached", state: "missing", detail, hint };
}

function kernelCheck({ kernel }: HostRole, booted: string | undefined): NeedCheck[] {
  if (kernel === undefined) return [];
  if (kernel === booted) return [ok("kernel", `${kernel} is booted`)];
  const detail = `${booted ?? "an unknown kernel"} is booted, the settings want ${kernel}`;
  return [
    { name: "kernel", state: "missing", detail, hint: "boot the other one, or change hosts.NAME.kernel" },
  ];
}

function rootCheck(user: string | undefined): NeedCheck[] {
  if (user === "0") return [];
  const hint = "log in as root, or set sudo: true and let sudo -n work";
  return [{ name: "root", state: "missing", detail: `commands run as user ${user ?? "unknown"}`, hint }];
}

function programCheck(need: Need, there: ReadonlySet<string>, manager: Manager | undefined): NeedCheck {
  const lacking = need.programs.filter((program) => !there.has(program));
  if (lacking.length === 0) return ok(need.programs.join(", "), need.for);
  const name = manager === "apt-get" || manager === "apk" ? need.package : (need.dnf ?? need.package);
  return {
    name: lacking.join(", "),
    state: need.optional ? "missing-optional" : "missing",
    detail: need.for,
    hint: manager === undefined ? `install ${need.package}` : `${install[manager]} ${name}`,
  };
}

function interfaceChecks({ interfaces }: TrialHost, text: string): NeedCheck[] {
  const found = chooseInterfaces(parseInterfaces(text), interfaces);
  return interfaces.map((wanted, index) => {
    const [kind = "", value = ""] = Object.entries(wanted)[0] ?? [];
    const name = `interface ${index}`;
    const it = found[index];
    if (it !== undefined)
      return ok(name, `${it.name}, ${kind} ${value}${it.driver ? `, driver ${it.driver}` : ""}`);
    const known = parseInterfaces(text).map((each) => `${each.name} ${each.mac} ${each.driver ?? ""}`.trim());
    return {
      name,
      state: "missing",
      detail: `${kind} ${value}`,
      hint: known.length === 0 ? "no driver has a card there" : `there are ${known.join("; ")}`,
    };
  });
}

/** A proposal is no need: it is told where it would change something. */
function amplifyCheck({ interfaces }: TrialHost, { isTarget, amplify }: HostRole, text: string): NeedCheck[] {
  if (!isTarget) return [];
  const found = chooseInterfaces(parseInterfaces(text), interfaces);
  const names = found.flatMap((each) => (each === undefined ? [] : [each.name]));
  const detail = proposeAmplify(text, names, amplify.plannedMs);
  if (detail === undefined) return [];
  return [{ ...ok("amplify", detail), hint: amplify.on ? undefined : "amplify: true in tarbisect.yaml" }];
}

function targetChecks(said: (name: string) => string | undefined): NeedCheck[] {
  const free = Number(said("free"));
  const locked = /\[(integrity|confidentiality)\]/.exec(said("lockdown") ?? "")?.[1];
  return [
    said("log") === undefined
      ? missing("kernel log", "neither /dev/kmsg nor dmesg can be read", "log in as root")
      : ok("kernel log", `read from ${said("log")}`),
    said("signed") === "Y" || locked !== undefined
      ? missing(
          "unsigned modules",
          locked === undefined ? "the kernel takes signed modules only" : `lockdown: ${locked}`,
          "switch secure boot off, or boot without module.sig_enforce",
        )
      : ok("unsigned modules", "are taken"),
    Number.isFinite(free) && free < leastFreeKib
      ? missing("space", `${free} KiB are free in its temporary folder`, "free some")
      : ok("space", "in its temporary folder"),
  ];
}

function ok(name: string, detail: string): NeedCheck {
  return { name, state: "ok", detail, hint: undefined };
}

function missing(name: string, detail: string, hint: string): NeedCheck {
  return { name, state: "missing", detail, hint };
}
