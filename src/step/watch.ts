// The target (and its peers) watched through a trial: series, kernel log and console to files as they come, and one
// alarm for what ends a stress early.
import { join } from "node:path";
import type { z } from "zod";
import type { KernelEvent } from "../evidence/kernel-event.js";
import { resetLines, resetsBetween } from "../evidence/nic-resets.js";
import type { HostSample } from "../evidence/host-sample.js";
import { harnessFault, type Fault } from "../fault/fault.js";
import { ConsoleRecording, type ConsoleEvents } from "../target/console/recording.js";
import { openBoundedLog } from "./bounded-log.js";
import { estimateBoot } from "./crash-timeline.js";
import { durationMs } from "./duration.js";
import { EventFinder } from "./event-finder.js";
import { HostWatch } from "./host-watch.js";
import { newWatchMarker } from "./kernel-stream.js";
import { KeptText } from "./kept-text.js";
import { NetdataWatch } from "./netdata-watch.js";
import { addressesUnderTest, reachableFromPeers } from "./peers-view.js";
import { sampleOf, type Sample } from "./sample.js";
import type { TrialHosts, TrialIo } from "./trial-hosts.js";
import type { watchShape } from "./watch-settings.js";

export type WatchSettings = z.output<typeof watchShape>;
/** "drain": the rest after a load, in which memory comes back. */
export type WatchedStage = "load" | "configure" | "stress" | "drain" | "idle";

export type Alarm =
  | { kind: "kernel-event"; event: KernelEvent }
  | { kind: "rebooted"; bootId: string }
  /** `peersReachIt`: true when it answers a peer, so that only our own way to it is broken. */
  | { kind: "silent"; forMs: number; peersReachIt: boolean | undefined };

export interface WatchRecord {
  /** On our clock, in milliseconds: when the watch began, and when the target's uptime was 0. No judge needs it. */
  clock?: { begunMs: number; bootMs: number | undefined };
  samples: Sample[];
  /** Of the target, from the watch's begin on; the start and the end of a very long one. */
  kernelLog: string;
  /** Each line after the time at which it came. */
  console: string;
  reconnects: number;
  /** Seen during the stress: they void the exposure. */
  nicResets: string[];
  /** Another tarbisect began to watch the target meanwhile. */
  shared?: true;
}

export interface Watch {
  mark(stage: WatchedStage): void;
  /** Of the target, so far. */
  readonly samples: readonly Sample[];
  /** Until the next heartbeat, or for so long, silence is no alarm. */
  expectSilence(forMs: number): void;
  /** Settles with the first alarm of the target; never rejects, and stays pending when there is none. */
  alarm: Promise<Alarm>;
  /** Idempotent; takes less than a second, also when the target is dead; with Netdata five. */
  stop(): Promise<WatchRecord>;
}

const firstBeatMs = 20_000;
const consoleLimitMs = 30_000;
/** After the first line of an event, until its stack has come. */
const settleMs = 1500;
const lookEveryMs = 500;
const peerIntervalMs = 5000;

/** Begins to watch; harness fault when the target sends no heartbeat. */
export async function startWatch(hosts: TrialHosts, settings: WatchSettings, io: TrialIo): Promise<Watch> {
  const watch = new TrialWatch(hosts, settings, io);
  const closed = await watch.consoleOpens();
  if (closed !== undefined) {
    await watch.stop();
    throw closed;
  }
  if (await watch.seen()) return watch;
  await watch.stop();
  throw harnessFault(`${hosts.target.name} can't be watched: no heartbeat in ${firstBeatMs / 1000} s`, {
    hint: "tarbisect doctor --target",
  });
}

class TrialWatch implements Watch {
  readonly alarm: Promise<Alarm>;
  private raise: (alarm: Alarm) => void = () => undefined;
  private raised = false;
  private shared = false;
  private stage = "idle";
  readonly samples: Sample[] = [];
  private readonly resets = new Set<string>();
  private lastSample: HostSample | undefined;
  private readonly kernelText = new KeptText();
  private readonly consoleText = new KeptText();
  private readonly finders = { kernel: new EventFinder(), serial: new EventFinder() };
  private readonly target: HostWatch;
  private readonly peers: HostWatch[];
  private readonly netdata: NetdataWatch[];
  private readonly begunMs: number;
  private readonly serialLog;
  private readonly serial: ConsoleRecording | undefined;
  private readonly timer: NodeJS.Timeout;
  private looking: Promise<void> = Promise.resolve();
  private addresses: readonly string[] = [];
  private learning = false;
  private record: Promise<WatchRecord> | undefined;

  constructor(
    private readonly hosts: TrialHosts,
    private readonly settings: WatchSettings,
    io: TrialIo,
  ) {
    this.alarm = new Promise((resolve) => (this.raise = resolve));
    this.serialLog = openBoundedLog(join(io.evidence, "serial.log"));
    const { console } = hosts.target.target;
    this.serial = console && new ConsoleRecording(console, this.consoleEvents());
    const begun = performance.now();
    this.begunMs = performance.timeOrigin + begun;
    const plan = { marker: newWatchMarker(), begun, stage: () => this.stage };
    this.target = new HostWatch(
      { ...plan, host: hosts.target, intervalMs: durationMs(settings.interval), prefix: "" },
      {
        sample: (sample, atMs) => this.onSample(sample, atMs),
        kernel: (text) => this.onKernel(text),
        rebooted: (bootId) => this.sound({ kind: "rebooted", bootId }, settleMs),
        joined: () => (this.shared = true),
      },
      io,
    );
    this.netdata = [hosts.target, ...hosts.peers].flatMap((host) => {
      const prefix = host === hosts.target ? "" : `${host.name}-`;
      const at = { evidence: io.evidence, prefix, begun, note: io.note };
      return host.netdata === undefined ? [] : [new NetdataWatch(host.netdata, at)];
    });
    const ignore = (): void => undefined;
    const nothing = { sample: ignore, kernel: ignore, rebooted: ignore, joined: ignore };
    this.peers = hosts.peers.map(
      (host) =>
        new HostWatch({ ...plan, host, intervalMs: peerIntervalMs, prefix: `${host.name}-` }, nothing, io),
    );
    this.timer = setInterval(() => {
      this.looking = this.looking.then(() => this.look()).catch(() => undefined);
    }, lookEveryMs);
  }

  seen(): Promise<boolean> {
    return this.target.seen(firstBeatMs);
  }

  /** A fault when the console that the settings name can't be read: a panic's text would be missing. */
  async consoleOpens(): Promise<Fault | undefined> {
    const { name, target } = this.hosts.target;
    const refusal = await this.serial?.open(consoleLimitMs);
    if (refusal === undefined) return undefined;
    return harnessFault(`the console of ${name} (${target.console?.name}) can't be read: ${refusal.detail}`, {
      hint: refusal.taken
        ? "it has one reader at a time: close the other, or set takeOver: true for sol"
        : "tarbisect doctor --target",
    });
  }

  mark(stage: WatchedStage): void {
    this.stage = stage;
    for (const watch of [this.target, ...this.peers]) watch.note({ mark: stage });
    if (stage === "stress") this.learnAddresses();
  }

  expectSilence(forMs: number): void {
    this.target.lastBeat = performance.now() + forMs;
  }

  stop(): Promise<WatchRecord> {
    this.record ??= this.end();
    return this.record;
  }

  private async end(): Promise<WatchRecord> {
    clearInterval(this.timer);
    this.raised = true;
    const hosts = [this.target, ...this.peers, ...this.netdata].map((watch) => watch.stop());
    await Promise.race([this.looking, Promise.allSettled(hosts)]);
    await this.serial?.stop();
    this.serialLog.close();
    await Promise.all(hosts);
    return {
      clock: {
        begunMs: this.begunMs,
        bootMs: estimateBoot(
          this.samples.map(({ atMs, uptimeSeconds }) => ({ at: this.begunMs + atMs, uptimeSeconds })),
        ),
      },
      samples: this.samples,
      kernelLog: this.kernelText.text(),
      console: this.consoleText.text(),
      reconnects: this.target.reconnects,
      nicResets: [...this.resets],
      ...(this.shared && { shared: true }),
    };
  }

  private consoleEvents(): ConsoleEvents {
    const write = (text: string, at: Date): void => {
      const line = `${at.toISOString()} ${text}\n`;
      this.serialLog.add(line);
      this.consoleText.add(line);
    };
    return {
      line: (text, at) => {
        write(text, at);
        this.finders.serial.add(`${text}\n`);
      },
      gap: (what, at) => write(`tarbisect: console ${what}`, at),
    };
  }

  private onSample(sample: HostSample, atMs: number): void {
    this.samples.push(sampleOf(sample, { atMs, stage: this.stage }));
    if (this.isUnderTest() && this.lastSample !== undefined)
      for (const reset of resetsBetween(this.lastSample, sample)) this.resets.add(reset);
    this.lastSample = this.isUnderTest() ? sample : undefined;
  }

  private onKernel(text: string): void {
    this.finders.kernel.add(text);
    this.kernelText.add(text);
    if (this.isUnderTest()) for (const line of resetLines(text)) this.resets.add(line);
  }

  private async look(): Promise<void> {
    if (this.raised) return;
    if (this.isUnderTest()) this.learnAddresses();
    const { kernel, serial } = this.finders;
    const event = kernel.find() ?? serial.find();
    if (event !== undefined)
      return this.sound(() => ({ kind: "kernel-event", event: kernel.find() ?? serial.find() ?? event }));
    const forMs = performance.now() - this.target.lastBeat;
    if (forMs < durationMs(this.settings.silence)) return;
    const peersReachIt = await reachableFromPeers(this.hosts, this.addresses);
    if (performance.now() - this.target.lastBeat >= forMs)
      this.sound({ kind: "silent", forMs, peersReachIt }, 0);
  }

  /** A reset in the rest between two loads voids the exposure as well. */
  private isUnderTest(): boolean {
    return this.stage === "stress" || this.stage === "drain";
  }

  /** Until the target has one: a stress command of the user's may be what gives it its addresses. */
  private learnAddresses(): void {
    if (this.learning || this.addresses.length > 0) return;
    this.learning = true;
    void addressesUnderTest(this.hosts)
      .then((found) => (this.addresses = found))
      .catch(() => undefined)
      .finally(() => (this.learning = false));
  }

  /** Once; an event's text is given a moment to come, and read again then. */
  private sound(alarm: Alarm | (() => Alarm), afterMs = settleMs): void {
    if (this.raised) return;
    this.raised = true;
    setTimeout(() => this.raise(typeof alarm === "function" ? alarm() : alarm), afterMs).unref();
  }
}
