// Flows as iperf3 calls: who listens where, who asks, under which port; decided before anything is started.
import { usageFault } from "../fault/fault.js";
import { quote } from "../target/remote-command.js";
import type { Flow } from "./stress-settings.js";
import type { TrialHost } from "./trial-hosts.js";

export interface PlannedFlow<H extends { name: string } = TrialHost> {
  /** For files and messages: "0-peer-to-server". */
  name: string;
  listener: H;
  client: H;
  /** The listener's address under test. */
  address: string;
  port: number;
  flow: Flow;
}

const firstPort = 5201;

/** `addressOf` gives a host's address under test. Usage fault: a host that takes no part, a port used twice. */
export function planFlows<H extends { name: string }>(
  hosts: { target: H; peers: readonly H[] },
  flows: readonly Flow[],
  addressOf: (host: H) => string,
): PlannedFlow<H>[] {
  const all = new Map([hosts.target, ...hosts.peers].map((host) => [host.name, host]));
  const host = (name: string): H => {
    const found = all.get(name);
    if (found !== undefined) return found;
    throw usageFault(`a flow names the host ${name}, which is neither the target nor a peer`);
  };
  const planned = flows.map((flow, index): PlannedFlow<H> => {
    const [from, to] = [host(flow.from), host(flow.to)];
    const [listener, client] = flow.reverse ? [from, to] : [to, from];
    return {
      name: `${index}-${flow.from}-to-${flow.to}`,
      listener,
      client,
      address: flow.address ?? addressOf(listener),
      port: flow.port ?? firstPort + index,
      flow,
    };
  });
  const doors = planned.map(({ listener, port }) => `port ${port} of ${listener.name}`);
  const twice = doors.find((door, index) => doors.indexOf(door) !== index);
  if (twice !== undefined) throw usageFault(`two flows want ${twice}`, "give one of them another port");
  return planned;
}

/**
 * sh that runs a host's servers until it is ended, and says "listening" when all of them do. A server that ends by itself
 * ends the script, with its last words.
 */
export function serverScript(flows: readonly PlannedFlow[]): string {
  const starts = flows.map(({ port, address }) => `serve ${port} ${quote(address)} &`);
  const ports = flows.map(({ port }) => port.toString(16).toUpperCase().padStart(4, "0"));
  return `
LC_ALL=C; export LC_ALL
serve() {
  said=$(iperf3 -s -p "$1" -B "$2" 2>&1 >/dev/null)
  echo "ended port $1: $said"
  kill -TERM $$
}
${starts.join("\n")}
for port in ${ports.join(" ")}; do
  # 0A is LISTEN; asking by a connection would be served as a test.
  until grep -q ":$port [0-9A-F:]* 0A " /proc/net/tcp /proc/net/tcp6 2>/dev/null; do sleep 0.1 2>/dev/null || sleep 1; done
done
echo listening
wait
`;
}

/**
 * sh that runs a host's clients at once and prints, when all have ended, for each "@INDEX CODE LENGTH" and its JSON. Ended
 * from outside it still does. A client that hangs, since its peer vanished, is ended a while after its time.
 */
export function clientScript(flows: readonly PlannedFlow[], durationSeconds: number): string {
  const clients = flows.map(
    (
      planned,
      index,
    ) => `iperf3 ${clientWords(planned, durationSeconds)} >"$folder/${index}" 2>"$folder/${index}.err" &
pids="$pids $!"`,
  );
  const answers = flows.map((_, index) => `answer ${index} "$(set -- $pids; shift ${index}; echo "$1")"`);
  return `
LC_ALL=C; export LC_ALL
folder=$(mktemp -d) || exit 3
pids=
late=
# Answers only iperf3 from 3.10 on knows, and only while it receives.
patience=
iperf3 --help 2>&1 | grep -q -e --rcv-timeout && patience="--rcv-timeout 30000"
trap ':' TERM
${clients.join("\n")}
( sleep ${durationSeconds + hangSeconds}; kill -TERM $pids; sleep 2; kill -KILL $pids ) >/dev/null 2>&1 &
late=$!
answer() {
  while :; do wait "$2"; code=$?; kill -0 "$2" 2>/dev/null || break; done
  text=$(cat "$folder/$1")
  [ -n "$text" ] || text=$(head -c 2000 "$folder/$1.err")
  printf '@%s %s %s\\n%s' "$1" "$code" "\${#text}" "$text"
}
${answers.join("\n")}
kill $late 2>/dev/null
rm -rf "$folder"
`;
}

/** A client that has not ended so long after its time hangs. */
export const hangSeconds = 20;

function clientWords({ flow, address, port }: PlannedFlow, seconds: number): string {
  const interval = Math.max(1, Math.ceil(seconds / 600));
  const words = [
    `-c ${quote(address)} -p ${port} -t ${seconds} -i ${interval} -P ${flow.parallel} -J --connect-timeout 10000`,
    ...(flow.reverse ? ["-R $patience"] : []),
    ...loadWords(flow),
  ];
  return words.join(" ");
}

/** iperf3's words for what a flow sends. */
export function loadWords(flow: Flow): string[] {
  return [
    ...(flow.udp ? ["-u"] : []),
    ...(flow.bitrate === undefined ? [] : [`-b ${flow.bitrate}`]),
    ...(flow.window === undefined ? [] : [`-w ${flow.window}`]),
    ...(flow.mss === undefined ? [] : [`-M ${flow.mss}`]),
    ...(flow.length === undefined ? [] : [`-l ${flow.length}`]),
    ...(flow.zerocopy ? ["-Z"] : []),
  ];
}

/** What a client script printed: by the index of its flow. What was cut off is left out. */
export function readClients(output: Buffer): Map<number, { code: number; text: string }> {
  const answers = new Map<number, { code: number; text: string }>();
  // A login shell's profile may have greeted first.
  const first = /(?:^|\n)(@\d+ \d+ \d+\n)/.exec(output.toString("latin1"));
  let at = first === null ? output.length : first.index + first[0].indexOf("@");
  while (at < output.length) {
    const lineEnd = output.indexOf(0x0a, at);
    const head = /^@(\d+) (\d+) (\d+)$/.exec(output.toString("latin1", at, Math.max(at, lineEnd)));
    const end = lineEnd + 1 + Number(head?.[3]);
    if (head === null || end > output.length) break;
    answers.set(Number(head[1]), { code: Number(head[2]), text: output.toString("utf8", lineEnd + 1, end) });
    at = end;
  }
  return answers;
}
