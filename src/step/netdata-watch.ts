// A host's Netdata beside our own sampler: asked all along, since a target that dies takes what it has not told with it.
// It is evidence and no more: an agent that does not answer changes no verdict.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { NetdataRow } from "../evidence/netdata.js";
import { messageOf } from "../fault/fault.js";
import type { NetdataAgent } from "../target/netdata-agent.js";
import { openBoundedLog, type BoundedLog } from "./bounded-log.js";

const askEveryMs = 10_000;
/** An agent gathers before it answers, and its clock is told in whole seconds. */
const overlapSeconds = 5;
const lastAnswerMs = 5000;

export class NetdataWatch {
  private readonly stopper = new AbortController();
  private readonly log: BoundedLog;
  private readonly running: Promise<void>;
  /** By chart: its units, and the last second that was written. */
  private readonly known = new Map<string, { units: string; lastSeconds: number }>();
  private asked: number;
  private closed = false;

  constructor(
    private readonly agent: NetdataAgent,
    private readonly at: { evidence: string; prefix: string; begun: number; note: (text: string) => void },
  ) {
    this.log = openBoundedLog(join(at.evidence, `${at.prefix}netdata.jsonl`));
    this.asked = at.begun;
    this.running = this.run();
  }

  /** Asks for the last seconds, waiting for an agent that is gone no longer than a moment. */
  async stop(): Promise<void> {
    this.stopper.abort();
    await Promise.race([this.running, sleep(lastAnswerMs)]);
    this.closed = true;
    this.log.close();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopper;
    let told = false;
    for (;;) {
      await sleep(askEveryMs, undefined, { signal }).catch(() => undefined);
      try {
        await this.ask();
      } catch (error) {
        const problem = `netdata does not answer: ${messageOf(error)}`;
        this.write({ atMs: this.now(), problem });
        if (!told) this.at.note(`${problem}\n`);
        told = true;
      }
      if (signal.aborted) return;
    }
  }

  private async ask(): Promise<void> {
    const asked = performance.now();
    const seconds = (asked - this.asked) / 1000 + overlapSeconds;
    for (const chart of this.agent.charts) {
      const known = this.known.get(chart) ?? { units: await this.agent.units(chart), lastSeconds: 0 };
      if (known.units === undefined) continue; // comes later, or this agent has no such chart
      const { units } = known;
      const { points, nowMs } = await this.agent.last(chart, seconds);
      const aheadMs = nowMs - this.now();
      let { lastSeconds } = known;
      for (const { unixSeconds, values } of points) {
        const atMs = Math.round(unixSeconds * 1000 - aheadMs);
        if (unixSeconds <= lastSeconds || atMs < 0) continue;
        lastSeconds = unixSeconds;
        this.write({ atMs, chart, units, values } satisfies NetdataRow);
      }
      this.known.set(chart, { units, lastSeconds });
    }
    this.asked = asked;
  }

  private write(row: object): void {
    if (!this.closed) this.log.add(`${JSON.stringify(row)}\n`);
  }

  private now(): number {
    return Math.round(performance.now() - this.at.begun);
  }
}
