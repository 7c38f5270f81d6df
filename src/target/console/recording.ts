// A console read for as long as a trial runs: connections that end are made again, lines get our clock as they come.
import { StringDecoder } from "node:string_decoder";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../fault/fault.js";
import { plainText } from "../plain-text.js";
import type { ConsoleEnd, ConsoleSource } from "./console-source.js";

export interface ConsoleEvents {
  /** A whole line as plain text; `at` is when its first byte came. The last one before `stop` may lack its end. */
  line(text: string, at: Date): void;
  /** The connection ended (with the reason), or there is a new one: between the two, lines may be missing. */
  gap(what: string, at: Date): void;
}

/** A machine may print without a line's end for ever. */
const longestLine = 64 * 1024;
const waitsMs = [200, 500, 1000, 2000, 5000];

export class ConsoleRecording {
  private readonly stopper = new AbortController();
  private readonly decoder = new StringDecoder("utf8");
  private readonly done: Promise<void>;
  private opened: () => void = () => undefined;
  private readonly firstOpen = new Promise<void>((resolve) => (this.opened = resolve));
  private wasOpen = false;
  private rest = "";
  private restAt = new Date();
  private lastEnd: ConsoleEnd | undefined;

  constructor(
    private readonly source: ConsoleSource,
    private readonly events: ConsoleEvents,
  ) {
    this.done = this.keepFollowing();
  }

  /** Undefined once the console is open, else why it is not after `limitMs`. */
  async open(limitMs: number): Promise<ConsoleEnd | undefined> {
    await Promise.race([this.firstOpen, this.taken(), sleep(limitMs, undefined, { ref: false })]);
    if (this.wasOpen) return undefined;
    return this.lastEnd ?? { detail: `it says nothing within ${limitMs / 1000} s` };
  }

  /** Ends the connection; what has come by then is delivered first. */
  async stop(): Promise<void> {
    this.stopper.abort();
    await this.done;
    this.push(this.decoder.end());
    this.flush();
  }

  private async taken(): Promise<void> {
    while (this.lastEnd?.taken === undefined && !this.stopper.signal.aborted)
      await sleep(100, undefined, { ref: false });
  }

  private async keepFollowing(): Promise<void> {
    const { signal } = this.stopper;
    for (let failures = 0; !this.stopping(); failures++) {
      const link = { open: false };
      const reader = {
        ready: (): void => {
          if (this.wasOpen && !link.open) this.events.gap("connected again", new Date());
          link.open = this.wasOpen = true;
          this.opened();
        },
        data: (chunk: Buffer): void => this.push(this.decoder.write(chunk)),
      };
      this.lastEnd = await this.source
        .follow(reader, signal)
        .catch((error: unknown) => ({ detail: messageOf(error) }));
      if (this.stopping()) return;
      if (link.open) {
        failures = 0;
        this.flush();
        this.events.gap(`connection lost: ${this.lastEnd.detail}`, new Date());
      }
      const wait = waitsMs[Math.min(failures, waitsMs.length - 1)] ?? 0;
      await sleep(wait, undefined, { signal }).catch(() => undefined);
    }
  }

  private stopping(): boolean {
    return this.stopper.signal.aborted;
  }

  private push(text: string): void {
    const at = new Date();
    const lines = (this.rest + text).split("\n");
    const continued = this.rest !== "";
    this.rest = lines.pop() ?? "";
    for (const [index, line] of lines.entries())
      this.events.line(plainText(line), index === 0 && continued ? this.restAt : at);
    if (lines.length > 0 || !continued) this.restAt = at;
    if (this.rest.length > longestLine) this.flush();
  }

  private flush(): void {
    if (this.rest === "") return;
    const line = this.rest;
    this.rest = "";
    this.events.line(plainText(line), this.restAt);
  }
}
