// One host's sampler, kept running: what it sends goes to files at once, and a lost connection is made again.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { harnessFault, messageOf } from "../fault/fault.js";
import { changedParts, readHostSample, type HostSample } from "../evidence/host-sample.js";
import { openBoundedLog, type BoundedLog } from "./bounded-log.js";
import { KernelStream, type Beat } from "./kernel-stream.js";
import { FrameReader } from "./sampler-frames.js";
import { samplerScript } from "./sampler-script.js";
import type { TrialHost, TrialIo } from "./trial-hosts.js";

export interface HostWatchEvents {
  sample(sample: HostSample, atMs: number): void;
  /** Of the kernel log, since the watch began. */
  kernel(text: string): void;
  rebooted(bootId: string): void;
  /** Another watch began on the same host. */
  joined(): void;
}

export interface HostWatchPlan {
  host: TrialHost;
  intervalMs: number;
  marker: string;
  /** Before the names of its files; "" for the target's. */
  prefix: string;
  /** performance.now() when the watch began. */
  begun: number;
  stage: () => string;
}

/** Longer than any trial; the wrapper on the target needs a number. */
const samplerLimitMs = 14 * 24 * 3_600_000;
const fullEvery = 60;
/** So much of a series is written in full; then one sample in ten. */
const seriesBytes = 64 * 1024 * 1024;

export class HostWatch {
  reconnects = 0;
  /** performance.now() of the last heartbeat. */
  lastBeat: number;
  private beat: Beat | undefined;
  private readonly stopper = new AbortController();
  private readonly series: BoundedLog;
  private readonly log: BoundedLog;
  private readonly earlier: BoundedLog;
  private readonly kernel: KernelStream;
  private last: HostSample | undefined;
  private count = 0;
  private written = 0;
  private closed = false;
  private failure: unknown;
  private readonly ended: Promise<void>;

  constructor(
    private readonly plan: HostWatchPlan,
    private readonly events: HostWatchEvents,
    io: TrialIo,
  ) {
    const path = (name: string): string => join(io.evidence, plan.prefix + name);
    this.series = openBoundedLog(path("samples.jsonl"), {
      headBytes: 2 * seriesBytes,
      tailBytes: seriesBytes,
    });
    this.log = openBoundedLog(path("dmesg.log"));
    this.earlier = openBoundedLog(path("dmesg-before.log"));
    this.lastBeat = plan.begun;
    this.kernel = new KernelStream(plan.marker, this.kernelEvents(), () => performance.now());
    this.ended = this.keepRunning().catch((error: unknown) => {
      this.failure = error;
    });
  }

  /** Waits for the first heartbeat, so that a watch that has begun does see. False: none came in time. */
  async seen(limitMs: number): Promise<boolean> {
    const deadline = performance.now() + limitMs;
    while (this.beat === undefined && performance.now() < deadline) await sleep(50);
    return this.beat !== undefined;
  }

  /** A note in the series, e.g. of a stage's begin. */
  note(what: object): void {
    this.write({ atMs: this.now(), ...what });
  }

  /** Ends the sampler, waiting for a dead host no longer than a moment. */
  async stop(): Promise<void> {
    if (this.closed) return;
    this.stopper.abort();
    await Promise.race([this.ended, sleep(700)]);
    this.closed = true;
    for (const log of [this.series, this.log, this.earlier]) log.close();
    if (this.failure !== undefined)
      throw harnessFault(`${this.plan.host.name} can't be watched: ${messageOf(this.failure)}`, {
        cause: this.failure,
      });
  }

  private kernelEvents(): ConstructorParameters<typeof KernelStream>[1] {
    return {
      beat: (beat) => this.onBeat(beat),
      kernel: (text) => {
        this.log.add(text);
        this.events.kernel(text);
      },
      before: (text) => this.earlier.add(text),
      joined: () => this.events.joined(),
      source: (name) => this.note({ kernelLog: name }),
    };
  }

  private async keepRunning(): Promise<void> {
    for (let first = true; await this.connected(first); first = false) {
      const frames = new FrameReader();
      const script = samplerScript({
        interfaces: this.plan.host.interfaces,
        intervalSeconds: Math.max(1, Math.round(this.plan.intervalMs / 1000)),
        marker: this.plan.marker,
        resumed: this.beat !== undefined,
      });
      await this.plan.host.target.run(script, {
        timeoutMs: samplerLimitMs,
        stop: this.stopper.signal,
        keepBytes: 4096,
        onOutput: (chunk, stream) => {
          if (this.closed) return;
          if (stream === "stderr") this.kernel.push(chunk.toString());
          else for (const round of frames.push(chunk)) this.onSample(readHostSample(round));
        },
      });
    }
  }

  /** False when there is nothing to watch any more; waits until the host answers. */
  private async connected(first: boolean): Promise<boolean> {
    if (first || !this.wanted()) return this.wanted();
    this.reconnects++;
    this.note({ reconnecting: this.reconnects });
    while (this.wanted() && (await this.plan.host.target.bootId()) === undefined) await sleep(500);
    return this.wanted();
  }

  private wanted(): boolean {
    return !this.stopper.signal.aborted;
  }

  private onBeat(beat: Beat): void {
    const known = this.beat?.bootId;
    this.beat = beat;
    this.lastBeat = performance.now();
    if (known === undefined || known === beat.bootId) return;
    this.kernel.restart();
    this.note({ rebooted: beat.bootId });
    this.events.rebooted(beat.bootId);
  }

  private onSample(sample: HostSample): void {
    const atMs = this.now();
    this.count++;
    const thin = this.written > seriesBytes && this.count % 10 !== 0;
    if (!thin) {
      const full = this.last === undefined || this.count % fullEvery === 0 || otherNics(this.last, sample);
      const part = full ? sample : changedParts(this.last, sample);
      this.write({ atMs, stage: this.plan.stage(), ...(full && { full }), sample: part });
      this.last = sample;
    }
    this.events.sample(sample, atMs);
  }

  private write(line: object): void {
    if (this.closed) return;
    const text = `${JSON.stringify(line)}\n`;
    this.written += text.length;
    this.series.add(text);
  }

  private now(): number {
    return Math.round(performance.now() - this.plan.begun);
  }
}

function otherNics(a: HostSample, b: HostSample): boolean {
  return Object.keys(a.nics).join() !== Object.keys(b.nics).join();
}
