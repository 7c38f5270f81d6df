// The sampler's stderr: the heartbeat, and the kernel log from the marker on.
import { randomBytes } from "node:crypto";

export interface Beat {
  uptimeSeconds: number;
  bootId: string;
}

export interface KernelStreamEvents {
  beat(beat: Beat): void;
  /** Lines of the kernel log since the marker, as `dmesg` prints them, each with its line break. */
  kernel(text: string): void;
  /** The same for what stood in the log before. */
  before(text: string): void;
  /** Another watch has marked the log since ours did: a second tarbisect is at work there. */
  joined(): void;
  /** Where the kernel log comes from: kmsg, journal, dmesg, none. */
  source(name: string): void;
}

const markerWords = "tarbisect-watch-";

/** What a watch writes into the kernel log when it begins; no two are alike. */
export function newWatchMarker(): string {
  return markerWords + randomBytes(8).toString("hex");
}

function isWatchMarker(message: string): boolean {
  return message.startsWith(markerWords);
}

const record = /^(\d+),(\d+),(\d+),([^;]{0,200});(.*)$/s;
const restLimit = 64 * 1024;
/** A log that has wrapped around may have lost the marker: so long is waited for it. */
const markerWaitMs = 5000;

/** Fed with whole lines; of records that come again after a broken connection only the new ones are told. */
export class KernelStream {
  private lastRecord = -1;
  private marked: boolean;
  private markerSeen = false;
  private readonly begun: number;
  private rest = "";

  constructor(
    private readonly marker: string,
    private readonly events: KernelStreamEvents,
    private readonly clock: () => number,
  ) {
    this.marked = false;
    this.begun = clock();
  }

  push(text: string): void {
    const lines = (this.rest + text).split("\n");
    this.rest = lines.pop() ?? "";
    // No record is so long (8 kB at most): who sends on without an end gets no memory of ours for it.
    if (this.rest.length > restLimit) this.rest = "";
    for (const line of lines) this.line(line);
  }

  /** The host has booted again: its records count from 0, and all of them are this trial's. */
  restart(): void {
    this.lastRecord = -1;
    this.marked = true;
  }

  private line(line: string): void {
    const match = record.exec(line);
    if (match !== null) return this.kernelRecord(match);
    const [word = "", first = "", second = ""] = line.split(" ", 3);
    if (word === "beat") {
      const uptimeSeconds = Number(first);
      if (Number.isFinite(uptimeSeconds) && /^[0-9a-f-]{36}$/.test(second))
        this.events.beat({ uptimeSeconds, bootId: second });
    } else if (word === "text") this.events.kernel(`${line.slice(5)}\n`);
    else if (word === "source") {
      if (first === "unmarked") this.marked = true;
      else this.events.source(first);
    }
  }

  private kernelRecord([, , number, microseconds, flags = "", message = ""]: RegExpExecArray): void {
    if (Number(number) <= this.lastRecord) return;
    this.lastRecord = Number(number);
    if (message.includes(this.marker)) this.markerSeen = true;
    else if (this.markerSeen && isWatchMarker(message)) this.events.joined();
    if (!this.marked && (this.markerSeen || this.clock() - this.begun > markerWaitMs)) this.marked = true;
    const caller = /caller=([TC]\d+)/.exec(flags)?.[1];
    const seconds = (Number(microseconds) / 1e6).toFixed(6).padStart(12);
    const text = message.replace(/\\x([0-9a-f]{2})/g, (whole, hex: string) => (hex === "5c" ? "\\" : whole));
    const line = `[${seconds}]${caller === undefined ? "" : `[${caller.padStart(7)}]`} ${text}\n`;
    if (this.marked) this.events.kernel(line);
    else this.events.before(line);
  }
}
