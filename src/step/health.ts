// The user's health probe beside a stress: whether what runs over the driver is well, asked again and again.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { harnessFault, usageFault } from "../fault/fault.js";
import { describeRemoteEnd } from "../target/target.js";
import { openBoundedLog, type BoundedLog } from "./bounded-log.js";
import { durationMs } from "./duration.js";
import type { StressEnd } from "./trial-facts.js";
import type { Exposure } from "./mesh.js";
import type { HealthSettings } from "./stress-settings.js";
import type { TrialHost, TrialHosts, TrialIo } from "./trial-hosts.js";
import { firstErrorLine } from "./verdict.js";

/** 0 is well, 1 to 124 ill, 125 can't tell; anything else is no answer. */
interface Answer {
  kind: "well" | "ill" | "cannot-tell" | "none";
  /** Its first line that says error, or its last. */
  words: string;
}

type Stressed = { end: StressEnd; exposure?: Exposure };

const mostUnanswered = 3;
const keepBytes = 64 * 1024;

/**
 * Runs a stress with the probe beside it. It begins when the probe is well; harness fault when it never is, since who is
 * ill before the stress says nothing of it. The stress ends when the probe says ill so often as the settings ask.
 */
export async function stressUnderProbe(
  hosts: TrialHosts,
  settings: HealthSettings,
  io: TrialIo & { stop: AbortSignal },
  stress: (stop: AbortSignal) => Promise<Stressed>,
): Promise<Stressed> {
  const log = openBoundedLog(join(io.evidence, "health.jsonl"));
  try {
    const probe = new Probe(hostOf(hosts, settings), { settings, log, io });
    await probe.waitUntilWell();
    const ended = new AbortController();
    const stop = new AbortController();
    const asked = probe.watch(ended.signal).then((found) => {
      if (found !== undefined) stop.abort();
      return found;
    });
    const result = await stress(AbortSignal.any([io.stop, stop.signal]));
    ended.abort();
    const found = (await asked) ?? (result.end.kind === "clean" ? await probe.lastWord() : undefined);
    return found === undefined ? result : { ...result, end: found };
  } finally {
    log.close();
  }
}

function hostOf({ target, peers }: TrialHosts, { on }: HealthSettings): TrialHost {
  const found = on === undefined ? target : [target, ...peers].find(({ name }) => name === on);
  if (found !== undefined) return found;
  throw usageFault(`stress.health names the host ${on ?? ""}, which takes no part`);
}

class Probe {
  private readonly begun = performance.now();

  constructor(
    private readonly host: TrialHost,
    private readonly at: { settings: HealthSettings; log: BoundedLog; io: TrialIo & { stop: AbortSignal } },
  ) {}

  async waitUntilWell(): Promise<void> {
    const { settle, interval } = this.at.settings;
    for (;;) {
      const { kind, words } = await this.ask();
      if (kind === "well" || this.at.io.stop.aborted) return;
      if (performance.now() - this.begun > durationMs(settle))
        throw harnessFault(`the health probe is not well before the stress: ${words}`, {
          hint: `run it by hand on ${this.host.name}; stress.health.settle gives it longer`,
        });
      await sleep(Math.min(durationMs(interval), 5000));
    }
  }

  /** How it ends the stress; undefined when the stress has ended first. */
  async watch(ended: AbortSignal): Promise<StressEnd | undefined> {
    const { interval, failures } = this.at.settings;
    let [ill, unanswered] = [0, 0];
    for (;;) {
      await sleep(durationMs(interval), undefined, { signal: ended }).catch(() => undefined);
      if (ended.aborted) return undefined;
      const { kind, words } = await this.ask(ended);
      if (kind === "none" && hasEnded(ended)) return undefined;
      ill = kind === "ill" ? ill + 1 : kind === "well" ? 0 : ill;
      unanswered = kind === "none" ? unanswered + 1 : 0;
      if (ill >= failures) return { kind: "unhealthy", detail: this.describe(words) };
      if (unanswered >= mostUnanswered)
        return { kind: "broken", detail: `the health probe on ${this.host.name} can't be asked: ${words}` };
    }
  }

  /** After a clean stress: what it left may be ill, however short it was. */
  async lastWord(): Promise<StressEnd | undefined> {
    const { failures, interval } = this.at.settings;
    for (let ill = 1; ; ill++) {
      const { kind, words } = await this.ask();
      if (kind === "none")
        return { kind: "broken", detail: `the health probe on ${this.host.name} can't be asked: ${words}` };
      if (kind !== "ill") return undefined;
      if (ill >= failures) return { kind: "unhealthy", detail: this.describe(words) };
      await sleep(durationMs(interval));
    }
  }

  private async ask(stop: AbortSignal = this.at.io.stop): Promise<Answer> {
    const { run, timeout } = this.at.settings;
    const result = await this.host.target.run(`exec 2>&1\n${run}`, {
      timeoutMs: durationMs(timeout),
      keepBytes,
      signal: this.at.io.signal,
      stop,
    });
    const { end, elapsedMs } = result;
    const said = result.stdout.toString();
    const kind = end.kind === "exited" ? kindOf(end.code) : "none";
    const words = end.kind === "exited" ? firstErrorLine(said) : undefined;
    const seconds = Math.round(performance.now() - this.begun) / 1000;
    const row = { seconds, answer: kind, tookMs: Math.round(elapsedMs), said: said.slice(-2000) };
    if (!stop.aborted) this.at.log.add(`${JSON.stringify(row)}\n`);
    return { kind, words: words ?? describeRemoteEnd(result) };
  }

  private describe(words: string): string {
    return `${words} (health probe on ${this.host.name}, ${Math.round((performance.now() - this.begun) / 1000)} s after it was well)`;
  }
}

function hasEnded(signal: AbortSignal): boolean {
  return signal.aborted;
}

function kindOf(code: number): Answer["kind"] {
  if (code === 0) return "well";
  if (code === 125) return "cannot-tell";
  return code < 125 ? "ill" : "none";
}
