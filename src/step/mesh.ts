// The mesh of iperf3 flows. iperf3's exit code proves nothing (3.12 ends with 0 when its server was killed): its JSON is
// read. Whatever breaks is a value that names the host, since it may be the death that the trial waits for.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readIperf3 } from "../evidence/iperf3.js";
import { harnessFault } from "../fault/fault.js";
import { writeFileAtomically } from "../host/write-file.js";
import { describeRemoteEnd, type RemoteResult } from "../target/target.js";
import { durationMs } from "./duration.js";
import { exposureOf, readReceived, type Exposure, type Received } from "./exposure.js";
import { findAddresses } from "./find-addresses.js";
import {
  clientScript,
  hangSeconds,
  planFlows,
  readClients,
  serverScript,
  type PlannedFlow,
} from "./mesh-plan.js";
import type { StressSettings } from "./stress-settings.js";
import type { TrialHost, TrialHosts, TrialIo } from "./trial-hosts.js";

export type { Exposure } from "./exposure.js";

export type MeshOutcome =
  | { kind: "complete"; exposure: Exposure }
  /** By `io.stop`. */
  | { kind: "stopped"; exposure: Exposure }
  /** An iperf3 ended badly or a host was lost. */
  | { kind: "broken"; host: string; detail: string; exposure: Exposure }
  /** Every iperf3 lives and the target answers, but nothing arrives. */
  | { kind: "stalled"; detail: string; exposure: Exposure };

/** `stop` ends the flows early, as a value; `module` is the one under test, for interfaces described by driver. */
export type MeshIo = TrialIo & {
  stop: AbortSignal;
  module?: string;
  /** After the flow's name in the names of its files, for flows that run again. */
  label?: string;
};

type Ending =
  | { kind: "complete" | "stopped" | "enough" }
  | { kind: "broken"; host: string; detail: string }
  | { kind: "stalled"; detail: string };

const listenLimitMs = 20_000;
const lookEveryMs = 2000;
const stallMs = 30_000;

/** Runs the flows; usage fault: flows that can't be planned. It leaves no iperf3 on any host that lives. */
export async function runMesh(hosts: TrialHosts, settings: StressSettings, io: MeshIo): Promise<MeshOutcome> {
  const flows = settings.flows ?? [];
  const places = await findAddresses(hosts, io.module);
  const planned = planFlows(hosts, flows, (host) => {
    const address = places.get(host)?.address;
    if (address !== undefined) return address;
    throw harnessFault(`${host.name} has no address on its first interface under test`, {
      hint: "configure gives it one, or name the flow's address",
    });
  });
  const names = places.get(hosts.target)?.names ?? [];
  const before = await readReceived(hosts.target.target, names);
  const nothing: Received = { packets: 0, bytes: 0, perQueue: {} };
  const run = new MeshRun(hosts, settings, { planned, names, before: before ?? nothing }, io);
  const ending = before === undefined ? lostHost(hosts.target, "it does not answer") : await run.run();
  const exposure = run.exposure();
  switch (ending.kind) {
    case "enough":
      return { kind: "complete", exposure };
    case "complete":
    case "stopped":
      return { kind: ending.kind, exposure };
    case "broken":
    case "stalled":
      return { ...ending, exposure };
  }
}

class MeshRun {
  private readonly end = new AbortController();
  private received: Received;
  private begun = performance.now();
  private elapsedMs = 0;
  private readonly serverEnds: Promise<Ending>[] = [];

  constructor(
    private readonly hosts: TrialHosts,
    private readonly settings: StressSettings,
    private readonly plan: { planned: readonly PlannedFlow[]; names: readonly string[]; before: Received },
    private readonly io: MeshIo,
  ) {
    this.received = plan.before;
  }

  async run(): Promise<Ending> {
    const stopAll = (): void => this.end.abort();
    this.io.stop.addEventListener("abort", stopAll, { once: true });
    this.io.signal.addEventListener("abort", stopAll, { once: true });
    if (this.io.stop.aborted || this.io.signal.aborted) stopAll();
    const running: Promise<unknown>[] = [];
    try {
      const servers = await this.startServers(running);
      if (servers !== undefined) return servers;
      this.begun = performance.now();
      const clients = this.startClients(running);
      const ending = await Promise.race([...clients.failures, clients.all, this.observe(), this.stopped()]);
      this.elapsedMs = performance.now() - this.begun;
      if (ending.kind !== "complete") {
        stopAll();
        await Promise.race([clients.all, sleep(5000)]);
      }
      await this.look();
      return ending;
    } finally {
      stopAll();
      await Promise.race([Promise.allSettled(running), sleep(5000)]);
      this.io.stop.removeEventListener("abort", stopAll);
      this.io.signal.removeEventListener("abort", stopAll);
    }
  }

  exposure(): Exposure {
    const { before } = this.plan;
    return exposureOf(this.settings, { seconds: this.elapsedMs / 1000, before, after: this.received });
  }

  /** Undefined when every server listens. */
  private async startServers(running: Promise<unknown>[]): Promise<Ending | undefined> {
    const limitMs = durationMs(this.settings.duration) + 120_000;
    const listening = groupBy(this.plan.planned, ({ listener }) => listener).map(([host, flows]) => {
      let said = "";
      let ready: () => void = () => undefined;
      const listens = new Promise<void>((resolve) => (ready = resolve));
      const ended = host.target
        .run(serverScript(flows), {
          timeoutMs: limitMs,
          stop: this.end.signal,
          onOutput: (chunk) => {
            said = (said + chunk.toString()).slice(-4000);
            if (said.includes("listening\n")) ready();
          },
        })
        .then((result) => serverEnding(host, result, said));
      running.push(ended);
      this.serverEnds.push(ended);
      const late = sleep(listenLimitMs, undefined, { ref: false }).then(() =>
        lostHost(host, `iperf3 -s did not listen in ${listenLimitMs / 1000} s`),
      );
      return Promise.race([listens.then(() => undefined), ended, late, this.stopped()]);
    });
    return (await Promise.all(listening)).find((each) => each !== undefined);
  }

  private startClients(running: Promise<unknown>[]): { all: Promise<Ending>; failures: Promise<Ending>[] } {
    const seconds = durationMs(this.settings.duration) / 1000;
    const ends = groupBy(this.plan.planned, ({ client }) => client).map(
      async ([host, flows]): Promise<Ending> => {
        const result = await host.target.run(clientScript(flows, seconds), {
          timeoutMs: (seconds + hangSeconds + 20) * 1000,
          stop: this.end.signal,
        });
        return this.judgeClients(host, flows, result);
      },
    );
    running.push(...ends);
    const failed = (ending: Promise<Ending>): Promise<Ending> =>
      ending.then((each) => (each.kind === "complete" ? new Promise<Ending>(() => undefined) : each));
    return {
      all: Promise.all(ends).then(
        (each) => each.find(({ kind }) => kind !== "complete") ?? { kind: "complete" as const },
      ),
      failures: [...ends.map(failed), ...this.serverEnds],
    };
  }

  private async judgeClients(
    host: TrialHost,
    flows: readonly PlannedFlow[],
    result: RemoteResult,
  ): Promise<Ending> {
    const answers = readClients(result.stdout);
    let failure: Ending | undefined;
    for (const [index, flow] of flows.entries()) {
      const answer = answers.get(index);
      if (answer !== undefined)
        await writeFileAtomically(
          join(this.io.evidence, `iperf3-${flow.name}${this.io.label ?? ""}.json`),
          answer.text,
        );
      const why = answer === undefined ? undefined : clientFailure(answer.text);
      if (why !== undefined) failure ??= lostHost(host, `${flow.name}: ${why}`);
    }
    if (this.end.signal.aborted) return { kind: "stopped" };
    if (failure !== undefined) return failure;
    if (answers.size === flows.length) return { kind: "complete" };
    return lostHost(host, `its iperf3 clients: ${describeRemoteEnd(result)}`);
  }

  /** Ends when enough was received, or when nothing is received any more. */
  private async observe(): Promise<Ending> {
    let moved = performance.now();
    let last = -1;
    for (;;) {
      await sleep(lookEveryMs, undefined, { signal: this.end.signal }).catch(() => undefined);
      if (this.end.signal.aborted) return new Promise(() => undefined);
      if (!(await this.look())) continue; // a dead target is for the flows and the watch to tell
      this.elapsedMs = performance.now() - this.begun;
      if (this.settings.exposure !== undefined && this.exposure().reached) return { kind: "enough" };
      if (this.received.packets + this.received.bytes !== last) moved = performance.now();
      last = this.received.packets + this.received.bytes;
      if (this.plan.names.length > 0 && performance.now() - moved > stallMs)
        return { kind: "stalled", detail: `nothing was received for ${stallMs / 1000} s` };
    }
  }

  private async look(): Promise<boolean> {
    const now = await readReceived(this.hosts.target.target, this.plan.names);
    if (now !== undefined) this.received = now;
    return now !== undefined;
  }

  private stopped(): Promise<Ending> {
    const { signal } = this.end;
    return new Promise((resolve) => {
      if (signal.aborted) resolve({ kind: "stopped" });
      signal.addEventListener("abort", () => resolve({ kind: "stopped" }), { once: true });
    });
  }
}

/** Why a client's JSON is no proof; undefined when it ran to its end. */
function clientFailure(text: string): string | undefined {
  const run = readIperf3(text);
  if (run.state === "complete") return undefined;
  return run.error ?? (text.trim().split("\n").at(-1)?.slice(0, 300) || "iperf3 said nothing");
}

function serverEnding(host: TrialHost, result: RemoteResult, said: string): Ending {
  if (result.end.kind === "stopped") return { kind: "stopped" };
  const words = /^ended port \d+: .*$/m.exec(said)?.[0];
  return lostHost(host, `iperf3 -s: ${words ?? describeRemoteEnd(result)}`);
}

function lostHost({ name }: TrialHost, detail: string): Ending {
  return { kind: "broken", host: name, detail };
}

function groupBy<T, K>(items: readonly T[], key: (item: T) => K): [K, T[]][] {
  const groups = new Map<K, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return [...groups];
}
