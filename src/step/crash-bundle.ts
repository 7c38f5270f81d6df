// All that is left of a boot that failed, on one clock: last-words.log, and in last-words.json who was heard last. They
// stand beside last-boot/, whose files are read by judges: this repeats what is there.
import { join } from "node:path";
import { messageOf } from "../fault/fault.js";
import { writeFileAtomically } from "../host/write-file.js";
import {
  lastWords,
  readTimeline,
  renderTimeline,
  type CrashText,
  type TimelineEntry,
} from "./crash-timeline.js";
import { writeRecord } from "./evidence-folder.js";
import type { TrialHost, TrialIo } from "./trial-hosts.js";
import type { WatchRecord } from "./watch.js";

/** BMCs write whole seconds, and their clocks are read over the network. */
const bmcSlackMs = 5000;

/** Writes the bundle; what the BMC can't tell is noted in it, and is no fault: the verdict does not rest on it. */
export async function writeCrashBundle(
  host: TrialHost,
  { record, lastBoot }: { record: WatchRecord; lastBoot: readonly CrashText[] },
  io: TrialIo,
): Promise<void> {
  const { begunMs = Date.now(), bootMs } = record.clock ?? {};
  const bmc = await readBmc(host, new Date(begunMs - bmcSlackMs));
  const texts: CrashText[] = [
    { source: "console", file: "serial.log", text: record.console },
    { source: "kernel log", file: "dmesg.log", text: record.kernelLog },
    ...lastBoot,
  ];
  const timeline = readTimeline(texts, bmc.events, bootMs);
  const last = lastWords(timeline);
  await writeFileAtomically(join(io.evidence, "last-words.log"), renderTimeline(timeline));
  await writeRecord(io.evidence, "last-words.json", {
    clock: "of the machine that ran the step, UTC",
    ...(bootMs !== undefined && { booted: new Date(bootMs).toISOString() }),
    lastHeardBy: last[0]?.source,
    sources: last.map(({ source, at, text }) => ({
      source,
      files: texts.filter((each) => each.source === source).map(({ file }) => file),
      lines: timeline.filter((entry) => entry.source === source).length,
      last: { at: at.toISOString(), text },
    })),
    ...(bmc.problem !== undefined && { bmc: bmc.problem }),
  });
  if (last[0] !== undefined) io.note(`the last line of ${host.name} was heard by: ${last[0].source}\n`);
}

async function readBmc(
  { target }: TrialHost,
  since: Date,
): Promise<{ events: TimelineEntry[]; problem?: string }> {
  if (target.bmc === undefined) return { events: [] };
  try {
    const events = await target.bmc.events(since);
    return { events: events.map(({ at, text }) => ({ at, source: "BMC", text })) };
  } catch (error) {
    return { events: [], problem: messageOf(error) };
  }
}
