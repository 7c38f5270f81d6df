// The sampler's stdout, cut into samples. A frame says its length first; what is longer than the limit is skipped, not
// kept, so that a host can neither forge a frame nor fill our memory.

/** Of one frame; slabinfo of a large server has about 60 kB, ethtool -S with 128 queues about 200 kB. */
const frameLimitBytes = 2 * 1024 * 1024;
const headLimitBytes = 200;

/** The frames of one round, by name: "meminfo", "counters:eth0"; one that was too long is "". */
export type Frames = ReadonlyMap<string, string>;

export class FrameReader {
  private rest: Buffer = Buffer.alloc(0);
  private skip = 0;
  private round: Map<string, string> | undefined;
  private begun = false;
  /** Something came that is no frame: whoever wrote it, nothing after it can be trusted. */
  broken = false;

  /** The rounds that this piece completes. */
  push(piece: Buffer): Frames[] {
    const done: Frames[] = [];
    if (this.broken) return done;
    this.rest = this.rest.length === 0 ? piece : Buffer.concat([this.rest, piece]);
    for (;;) {
      if (this.skip > 0) {
        const dropped = Math.min(this.skip, this.rest.length);
        this.rest = this.rest.subarray(dropped);
        this.skip -= dropped;
        if (this.skip > 0) return done;
      }
      const frame = this.next();
      if (frame === undefined) return done;
      if (frame.name === "begin") this.round = new Map();
      this.round?.set(frame.name, frame.text);
      if (frame.name !== "end" || this.round === undefined) continue;
      done.push(this.round);
      this.round = undefined;
    }
  }

  private next(): { name: string; text: string } | undefined {
    const lineEnd = this.rest.indexOf(0x0a);
    if (lineEnd < 0) {
      this.broken = this.rest.length > (this.begun ? headLimitBytes : frameLimitBytes);
      return undefined;
    }
    const head = /^@([a-z]+(?::[^\s/]{1,32})?) (\d{1,12})$/.exec(this.rest.toString("latin1", 0, lineEnd));
    if (head === null && !this.begun && lineEnd < frameLimitBytes) {
      // A login shell's profile may greet before anything of ours runs.
      this.rest = this.rest.subarray(lineEnd + 1);
      return this.next();
    }
    if (head === null) {
      this.broken = true;
      return undefined;
    }
    this.begun = true;
    const [, name = "", digits] = head;
    const size = Number(digits);
    if (size > frameLimitBytes) {
      this.rest = this.rest.subarray(lineEnd + 1);
      this.skip = size;
      return { name, text: "" };
    }
    const end = lineEnd + 1 + size;
    if (this.rest.length < end) return undefined;
    const text = this.rest.toString("utf8", lineEnd + 1, end);
    this.rest = this.rest.subarray(end);
    return { name, text };
  }
}
