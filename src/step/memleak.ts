// BCC's memleak beside a stress: what the kernel's allocators gave out and did not get back, by stack. It prints all
// along; what counts are the prints after the load's end, since under load sockets hold what they have not read.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { judgeMemleak, type HeldSeries } from "../evidence/judge-memleak.js";
import { nameModule, readMemleak, renderMemleak, type MemleakPrint } from "../evidence/memleak.js";
import { harnessFault } from "../fault/fault.js";
import { writeFileAtomically } from "../host/write-file.js";
import { describeRemoteEnd } from "../target/target.js";
import { openBoundedLog } from "./bounded-log.js";
import { durationMs } from "./duration.js";
import { writeRecord } from "./evidence-folder.js";
import { collectHeldMemory } from "./held-by-kernel.js";
import type { StressEnd } from "./trial-facts.js";
import type { Exposure } from "./mesh.js";
import { readRingBuffers } from "./ring-buffers.js";
import type { MemleakSettings } from "./stress-settings.js";
import type { TrialHost, TrialIo } from "./trial-hosts.js";

type Stressed = { end: StressEnd; exposure?: Exposure };

/** bcc compiles its program on the target first. */
const startLimitMs = 300_000;
const runLimitMs = 14 * 24 * 3_600_000;
const keepBytes = 16 * 1024 * 1024;
const mostStacks = 60;
/** Names of BCC's own, of Debian's package of it and of libbpf-tools, which needs no compiler there. */
const names = ["memleak-bpfcc", "/usr/share/bcc/tools/memleak", "memleak", "/usr/sbin/memleak"];

/**
 * Runs a stress under memleak and waits for its prints after the load's end. Evidence: memleak.raw (all it printed),
 * memleak.json (what each function of a module held, and the judgement), memleak.txt (the stacks that held more than is
 * healthy, as memleak prints them). It changes no verdict. Harness fault: memleak does not run there.
 */
export async function stressUnderMemleak(
  host: TrialHost,
  settings: MemleakSettings,
  io: TrialIo & { stop: AbortSignal; module: string },
  stress: () => Promise<Stressed>,
): Promise<Stressed> {
  const memleak = new Memleak(host, settings, io);
  try {
    await memleak.start();
    const result = await stress();
    // A target that died has no more to say, and what stopped the stress comes first.
    if (result.end.kind === "clean" || result.end.kind === "verdict") await memleak.drain();
    return result;
  } finally {
    await memleak.stop();
  }
}

class Memleak {
  private readonly stopper = new AbortController();
  private readonly log;
  private said = "";
  private ended: Promise<string> | undefined;

  constructor(
    private readonly host: TrialHost,
    private readonly settings: MemleakSettings,
    private readonly io: TrialIo & { stop: AbortSignal; module: string },
  ) {
    this.log = openBoundedLog(join(io.evidence, "memleak.raw"));
  }

  async start(): Promise<void> {
    const everySeconds = durationMs(this.settings.every) / 1000;
    const script = `PATH="$PATH:/usr/sbin:/sbin"; exec 2>&1
for tool in ${names.join(" ")}; do
  # Into a pipe libbpf-tools' would print when some kilobytes are full.
  line=; command -v stdbuf >/dev/null && line="stdbuf -oL"
  command -v "$tool" >/dev/null && exec $line "$tool" -T ${mostStacks} ${everySeconds}
done
echo "no memleak here"; exit 127`;
    this.ended = this.host.target
      .run(script, {
        timeoutMs: runLimitMs,
        stop: this.stopper.signal,
        keepBytes: 4096,
        onOutput: (chunk, stream) => {
          if (stream === "stdout") this.onText(chunk.toString());
        },
      })
      .then((result) => `${describeRemoteEnd(result)}: ${result.stdout.toString().trim().slice(-300)}`);
    const first = await Promise.race([this.ended, this.firstPrint()]);
    if (first === undefined) return;
    throw harnessFault(`memleak does not run on ${this.host.name}: ${first}`, {
      hint: "apt-get install bpfcc-tools and the kernel's headers there, or stress.memleak: off",
    });
  }

  /** Waits for the prints and judges them. */
  async drain(): Promise<void> {
    const { target } = this.host;
    const stopped = (await target.check("date +%H:%M:%S", { timeoutMs: 15_000 })).trim();
    this.io.note("memleak: waiting for what is given back ...\n");
    await sleep(durationMs(this.settings.drain), undefined, { signal: this.io.stop }).catch(() => undefined);
    const ringBuffers = await readRingBuffers(this.host, this.io.module);
    const prints = readMemleak(nameModule(this.said, this.io.module, await this.symbols()));
    const context = { stopped, ...(ringBuffers !== undefined && { ringBuffers }) };
    const heldByModule = judgeMemleak(prints, context);
    await writeRecord(this.io.evidence, "memleak.json", { ...context, heldByModule });
    const held = heldBeyond(prints.at(-1), heldByModule);
    if (held !== undefined)
      await writeFileAtomically(join(this.io.evidence, "memleak.txt"), renderMemleak(held));
    await collectHeldMemory(this.host, this.io.evidence);
    for (const { function: name, verdict, reason } of heldByModule.slice(0, 5))
      this.io.note(`memleak: ${name}: ${verdict}, ${reason}\n`);
  }

  /** The module's lines of /proc/kallsyms. */
  private async symbols(): Promise<string> {
    const { module } = this.io;
    const { stdout } = await this.host.target.run(`grep -F '[${module}]' /proc/kallsyms`, {
      timeoutMs: 30_000,
      keepBytes: 4 * 1024 * 1024,
    });
    return stdout.toString();
  }

  async stop(): Promise<void> {
    this.stopper.abort();
    await Promise.race([this.ended, sleep(15_000)]);
    this.log.close();
  }

  private onText(text: string): void {
    this.log.add(text);
    this.said = (this.said + text).slice(-keepBytes);
  }

  private async firstPrint(): Promise<string | undefined> {
    for (let waitedMs = 0; waitedMs < startLimitMs; waitedMs += 500) {
      if (/^\[\d\d?:\d\d?:\d\d?\]/m.test(this.said) || this.io.stop.aborted) return undefined;
      await sleep(500);
    }
    return `it printed nothing in ${startLimitMs / 1000} s: ${this.said.trim().slice(-300)}`;
  }
}

/** The stacks of functions that held more than is healthy at the end; undefined when none did. */
function heldBeyond(
  last: MemleakPrint | undefined,
  heldByModule: readonly HeldSeries[],
): MemleakPrint | undefined {
  const beyond = new Set(
    heldByModule.flatMap((series) =>
      series.verdict === "not-given-back" || series.verdict === "cannot-tell"
        ? [`${series.module} ${series.function}`]
        : [],
    ),
  );
  const stacks = (last?.stacks ?? []).filter(({ frames }) => {
    const own = frames.find((frame) => frame.module !== undefined);
    return own?.module !== undefined && beyond.has(`${own.module} ${own.function}`);
  });
  return last === undefined || stacks.length === 0 ? undefined : { ...last, stacks };
}
