// What a step does by itself, as windows of tmux for a person: a session file of tmuxp. Loading it starts servers and
// views; traffic and the user's own stress wait for a key.
import { usageFault } from "../fault/fault.js";
import { durationMs } from "../step/duration.js";
import { loadWords, planFlows, type PlannedFlow } from "../step/mesh-plan.js";
import type { HostDescription } from "../target/host-description.js";
import { quote } from "../target/remote-command.js";
import type { Settings } from "./settings-shape.js";

/** tmuxp's own names (tmuxp.git-pull.com, "Configuration"). */
export interface TmuxpSession {
  session_name: string;
  start_directory: string;
  windows: TmuxpWindow[];
}

interface TmuxpWindow {
  window_name: string;
  layout: "tiled" | "even-vertical";
  panes: { shell_command: { cmd: string; enter?: false }[] }[];
}

interface Host {
  name: string;
  description: HostDescription;
}

const kernelLog = "dmesg --follow 2>/dev/null || journalctl -kf 2>/dev/null || cat /dev/kmsg";
const processes = "htop 2>/dev/null || top -b -d 2";
const memory =
  "while sleep 2; do date +%T; grep -E '^(MemAvailable|Slab|SUnreclaim)' /proc/meminfo; grep NET_RX /proc/softirqs; done";

/** Usage fault: a flow whose listener has no address in the settings. `folder` is where the windows start. */
export function tmuxpSession(settings: Settings, folder: string): TmuxpSession {
  const name = (folder.split("/").at(-1) ?? "").replace(/[^\w-]+/g, "-");
  const windows = settings.target === undefined ? placeWindows(settings) : targetWindows(settings);
  return { session_name: `tarbisect-${name}`, start_directory: folder, windows };
}

/** Without a target the user's own commands do it all, at one place. */
function placeWindows({ ssh, stress }: Settings): TmuxpWindow[] {
  const place: Host = {
    name: ssh ?? "here",
    description: ssh === undefined ? { local: true } : { ssh },
  };
  return [
    window("stress", waiting(stress.run ?? "")),
    window(place.name, ...[kernelLog, processes, memory].map((command) => on(place, command))),
    bisectWindow(),
  ];
}

function targetWindows(settings: Settings): TmuxpWindow[] {
  const host = (name: string): Host => ({ name, description: settings.hosts[name]! });
  const hosts = { target: host(settings.target!), peers: settings.peers.map(host) };
  const flows = planFlows(hosts, settings.stress.flows ?? [], (listener) => addressOf(listener, settings));
  const seconds = durationMs(settings.stress.duration) / 1000;
  const { target, peers } = hosts;
  const { run } = settings.stress;
  return [
    ...(flows.length === 0 ? [] : [window("servers", ...flows.map(serverPane))]),
    ...(flows.length === 0 ? [] : [window("clients", ...flows.map((flow) => clientPane(flow, seconds)))]),
    ...(run === undefined ? [] : [window("stress", waiting(commandOn(target, run)))]),
    window(target.name, ...[kernelLog, processes, memory].map((command) => on(target, command))),
    ...consoleWindow(target),
    window("shells", ...[target, ...peers].map((each) => [{ cmd: shellOn(each) }])),
    bisectWindow(),
  ];
}

function serverPane({ listener, address, port }: PlannedFlow<Host>): Pane {
  return on(listener, `while true; do iperf3 -s -p ${port} -B ${quote(address)}; sleep 1; done`);
}

function clientPane({ client, address, port, flow, name }: PlannedFlow<Host>, seconds: number): Pane {
  const words = [`-c ${quote(address)} -p ${port} -t ${seconds} -P ${flow.parallel}`];
  const all = [...words, ...(flow.reverse ? ["-R"] : []), ...loadWords(flow)].join(" ");
  return on(client, `echo "Enter starts ${name}"; read -r _; while true; do iperf3 ${all}; sleep 1; done`);
}

/** What `configure` gives the listener first. */
function addressOf({ name }: Host, { configure, target }: Settings): string {
  const entry = configure.find(({ host, address }) => (host ?? target) === name && address !== undefined);
  if (entry?.address !== undefined) return entry.address.replace(/\/.*/, "");
  throw usageFault(
    `nothing in the settings says the address of ${name}`,
    "configure it, or name the flow's address",
  );
}

function consoleWindow({ description }: Host): TmuxpWindow[] {
  if (description.lab !== undefined) {
    const [name, guest] = labNames(description.lab);
    return [window("console", [{ cmd: `tarbisect lab console --name ${name} ${guest} --follow` }])];
  }
  // Any other console has one reader at a time, and a step is it.
  if (typeof description.console !== "string") return [];
  return [window("console", [{ cmd: `tail -n 100 -F ${quote(description.console)}` }])];
}

function bisectWindow(): TmuxpWindow {
  return window("bisect", [{ cmd: "tarbisect watch" }]);
}

type Pane = TmuxpWindow["panes"][number]["shell_command"];

function window(name: string, ...panes: Pane[]): TmuxpWindow {
  return {
    window_name: name,
    layout: panes.length > 2 ? "tiled" : "even-vertical",
    panes: panes.map((shell_command) => ({ shell_command })),
  };
}

function on(host: Host, command: string): Pane {
  return [{ cmd: commandOn(host, command) }];
}

/** Typed, for the user's own Enter. */
function waiting(cmd: string): Pane {
  return [{ cmd, enter: false }];
}

function commandOn({ description }: Host, command: string): string {
  const asRoot = description.sudo === true ? `sudo -n sh -c ${quote(command)}` : command;
  if (description.local === true) return `sh -c ${quote(asRoot)}`;
  return `${shellOn({ name: "", description })}${description.lab === undefined ? "" : " --"} ${quote(asRoot)}`;
}

function shellOn({ description }: Host): string {
  const { ssh, lab } = description;
  if (lab !== undefined) {
    const [name, guest] = labNames(lab);
    return `tarbisect lab ssh --name ${name} ${guest}`;
  }
  return ssh === undefined ? "sh" : `ssh -t ${quote(ssh)}`;
}

/** "LAB/GUEST", or a guest of the lab that has no name of its own. */
function labNames(lab: string): [name: string, guest: string] {
  const at = lab.indexOf("/");
  return at < 0 ? ["lab", lab] : [lab.slice(0, at), lab.slice(at + 1)];
}
