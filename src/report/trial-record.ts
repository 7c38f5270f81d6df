// One folder of evidence as a trial; files that a step left out, or that a later version adds, are no error.
import type { Evidence } from "../evidence/read-evidence.js";
import { readEvidence } from "../evidence/read-evidence.js";
import { environmentOfRecord } from "./environment-facts.js";
import { readSeries } from "./read-series.js";
import type { Report, Trial } from "./report-shape.js";
import { trialMarks } from "./trial-marks.js";

/** A folder's name and its files by name, as texts. */
export interface EvidenceFiles {
  folder: string;
  files: ReadonlyMap<string, string>;
}

export interface TrialRecord {
  trial: Trial;
  /** The files that hold something that was seen: logs, samples, iperf3's output. */
  seen: { source: string; text: string; evidence: Evidence }[];
  series: Report["series"];
  marks: Report["marks"];
  /** What the target was. */
  environment: Report["environment"];
  /** The commands of the stages, from settings.json. */
  commands: { stage: string; run: string }[];
}

// The bundle of a crash repeats on one clock what the other files hold.
const records = new Set([
  ...["settings.json", "verdict.json", "fault.json", "environment.json", "stages.jsonl"],
  ...["last-words.json", "last-words.log"],
]);

export function readTrial({ folder, files }: EvidenceFiles): TrialRecord | undefined {
  const name = folder.slice(folder.lastIndexOf("/") + 1);
  const named = /^(\d{4}-\d\d-\d\dT)(\d\d)-(\d\d)-(\d\dZ)-v(.+)-([0-9a-f]{7,40})(?:-\d+)?$/.exec(name);
  const settings = readObject(files.get("settings.json"));
  const verdict = readObject(files.get("verdict.json"));
  const fault = readObject(files.get("fault.json"));
  if (named === null && settings === undefined) return undefined;
  const head = { ...settings, ...verdict };
  const seen = [...files]
    .filter(([file]) => !records.has(file) && file !== "build.log" && !/\.(?:jsonl|csv)$/.test(file))
    .map(([file, text]) => ({ source: `${folder}/${file}`, text, evidence: readEvidence(text) }));
  const first = seen.flatMap(({ evidence }) => evidence.events ?? [])[0];
  const stages = stagesOf(verdict);
  const trial: Trial = {
    folder,
    startedAt: named === null ? textOf(settings?.time) : `${named[1]}${named[2]}:${named[3]}:${named[4]}`,
    version: textOf(head.version) || (named?.[5] ?? ""),
    commit: textOf(head.commit) || (named?.[6] ?? ""),
    ...(typeof head.kernel === "string" ? { kernel: head.kernel } : {}),
    ...(typeof head.place === "string" ? { place: head.place } : {}),
    ...outcome(verdict, fault),
    ...signatureOf(verdict, first?.signature),
    ...(stages.length === 0 ? {} : { durationMs: stages.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0) }),
    stages,
  };
  const measured = [...files]
    .filter(([file]) => !records.has(file))
    .map(([file, text]) => ({ source: `${folder}/${file}`, ...readSeries(`${folder}/${file}`, text) }));
  const series = measured.flatMap((one) => one.series);
  const sampled = measured.flatMap(({ source, samples }) =>
    samples === undefined ? [] : [{ source, samples }],
  );
  const marks = trialMarks(trial, sampled, seen);
  const recorded = readObject(files.get("environment.json"));
  const environment =
    recorded === undefined
      ? []
      : environmentOfRecord(`${folder}/environment.json`, recorded.environment ?? recorded);
  return { trial, seen, series, marks, environment, commands: commandsOf(settings) };
}

function outcome(
  verdict: Fields | undefined,
  fault: Fields | undefined,
): Pick<Trial, "verdict" | "cause" | "detail"> {
  const said = fieldsOf(verdict?.verdict);
  const kind = said?.kind;
  if (kind === "good" || kind === "bad" || kind === "skip")
    return { verdict: kind, cause: textOf(said?.cause), detail: textOf(said?.detail) };
  if (fault !== undefined)
    return { verdict: "fault", cause: textOf(fault.blame), detail: textOf(fault.message) };
  return { verdict: "cut", cause: "", detail: "no verdict: it runs, or it was ended" };
}

/** The step's own word on it first: it knows which of a log's events came under stress. */
function signatureOf(verdict: Fields | undefined, seen: string | undefined): { signature?: string } {
  const signature = textOf(fieldsOf(verdict?.verdict)?.signature) || seen;
  return signature === undefined ? {} : { signature };
}

function stagesOf(verdict: Fields | undefined): Trial["stages"] {
  if (!Array.isArray(verdict?.stages)) return [];
  return verdict.stages.flatMap((one: unknown) => {
    const { stage, code, elapsedMs } = fieldsOf(one) ?? {};
    if (typeof stage !== "string" || typeof elapsedMs !== "number") return [];
    return [{ stage, ...(typeof code === "number" ? { code } : {}), elapsedMs }];
  });
}

function commandsOf(settings: Fields | undefined): TrialRecord["commands"] {
  const inner = fieldsOf(settings?.settings) ?? {};
  return ["build", "load", "stress"].flatMap((stage) => {
    const run = fieldsOf(inner[stage])?.run;
    return typeof run === "string" ? [{ stage, run }] : [];
  });
}

type Fields = Readonly<Record<string, unknown>>;

function readObject(text: string | undefined): Fields | undefined {
  if (text === undefined) return undefined;
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    return undefined; // cut in the middle of a write
  }
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
