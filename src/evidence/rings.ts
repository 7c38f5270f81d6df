// `ethtool -g` and `-l`: how many buffers a healthy driver holds all the time.

/** One interface's current settings; what a driver says n/a to is left out. */
export interface RingSettings {
  interface: string;
  rx?: number;
  tx?: number;
  /** Receive queues: combined and receive-only channels. */
  rxQueues?: number;
}

const head = /^(Ring|Channel) parameters for (\S+?):/;
const value = /^(RX|TX|Combined):\s+(\d+)\s*$/;

/** Reads any number of either print; [] when there is none. */
export function readRings(text: string): RingSettings[] {
  const found = new Map<string, RingSettings>();
  let current: RingSettings | undefined;
  let kind = "";
  let now = false;
  for (const line of text.split("\n")) {
    const [, what, name] = head.exec(line) ?? [];
    if (what !== undefined && name !== undefined) {
      kind = what;
      now = false;
      current = found.get(name) ?? { interface: name };
      found.set(name, current);
    } else if (line.startsWith("Current hardware settings")) now = true;
    else if (now && current !== undefined) readValue(current, kind, value.exec(line));
  }
  return [...found.values()];
}

function readValue(of: RingSettings, kind: string, match: RegExpExecArray | null): void {
  const [, name, number] = match ?? [];
  if (number === undefined) return;
  if (kind === "Ring" && name === "RX") of.rx = Number(number);
  else if (kind === "Ring" && name === "TX") of.tx = Number(number);
  else if (kind === "Channel" && name !== "TX") of.rxQueues = (of.rxQueues ?? 0) + Number(number);
}

/** Receive buffers that all interfaces keep filled; undefined while a ring size or a queue count is unknown. */
export function ringBuffers(rings: readonly RingSettings[]): number | undefined {
  if (rings.length === 0) return undefined;
  let buffers = 0;
  for (const { rx, rxQueues } of rings) {
    if (rx === undefined || rxQueues === undefined) return undefined;
    buffers += rx * rxQueues;
  }
  return buffers;
}
