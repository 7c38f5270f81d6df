// A trial's outcome as a value; only what a stage itself said can become a verdict, never an accident of ours.
import { describeBuildError, parseBuildErrors } from "../build/build-errors.js";
import type { FailureSign } from "../evidence/failure-sign.js";
import { harnessFault } from "../fault/fault.js";
import { faultSign } from "./fault-signs.js";

export type Stage = "build" | "load" | "stress";

/** What a stage's command did on its machine. */
export interface StageEnd {
  stage: Stage;
  /** Where it ran; the build's errors are told relative to it. */
  folder: string;
  code: number;
  elapsedMs: number;
  /** The stage's output, its last 4 MiB at most. */
  log: string;
  /** What is left on the disk under the source after the stage; undefined when the machine could not say. */
  freeBytes: number | undefined;
}

/** A trial's outcome, and how strongly it speaks: what is our fault or the lab's is no verdict, but thrown. */
export type Verdict = Outcome & {
  /**
   * P(what was seen | the bug is in this commit) / P(what was seen | it is not): above 1 for the bug, below 1 against it.
   * Left out where nothing is known of it: the word of the user's own command, a clean run before the bug was ever seen.
   */
  likelihoodRatio?: number;
};

type Outcome =
  | {
      kind: "good";
      /** What makes it sure, in words. */
      detail?: string;
      missChance?: MissChance;
    }
  | ({ kind: "bad"; cause: BadCause; detail: string } & Partial<FailureSign>)
  | ({ kind: "skip"; cause: SkipCause; detail: string; missChance?: MissChance } & Partial<FailureSign>);

/**
 * Of a run that was clean: P(clean for this work | the bug is here), where failures at the bad end tell it. No likelihood
 * ratio: a search with a failure rate of its own knows most of it already, and would count it twice.
 */
type MissChance = number;

/** Nothing failed in it; whether for long enough is another question. */
export function wasClean({
  kind,
  missChance,
}: Pick<Verdict, "kind"> & { missChance?: number | undefined }): boolean {
  return kind === "good" || (kind === "skip" && missChance !== undefined);
}

/** What was seen of a target's failure under stress; the first is the word of the user's own command. */
export type BadCause = "stress-failed" | "crash" | "hang" | "reboot" | "memory" | "throughput" | "unhealthy";

export type SkipCause =
  | "build-failed"
  | "load-failed"
  | "stress-cannot-tell"
  /** The module is loaded, but no packet passes. */
  | "no-traffic"
  /** It failed, but not as the bug looked for does. */
  | "other-failure"
  /** It failed before the stress, where the bug looked for does not show. */
  | "failed-before-stress"
  /** The frames in the log are of another build of the module. */
  | "other-build"
  /** Clean so far, but less was tested than was planned or than the bug takes to show. */
  | "exposure-short"
  /** What was measured speaks neither way with the confidence asked for. */
  | "undecided";

const fullDiskBytes = 1024 * 1024;

/**
 * What a stage says of the commit; undefined: it passed, go on. An end that says nothing of the commit (a command
 * that can't be started, a signal, a full disk, a missing compiler) is a harness fault.
 */
export function judgeStage(end: StageEnd): Verdict | undefined {
  if (end.code === 0) return end.stage === "stress" ? { kind: "good" } : undefined;
  refuseAccident(end);
  const first = end.stage === "build" ? parseBuildErrors(end.log, end.folder)[0] : undefined;
  const words = first ? clean(describeBuildError(first)) : firstErrorLine(end.log);
  const detail = `${words ?? "no output"} (${end.stage} ended with ${end.code})`;
  switch (end.stage) {
    case "build":
      return { kind: "skip", cause: "build-failed", detail };
    case "load":
      return { kind: "skip", cause: "load-failed", detail };
    case "stress":
      return end.code === 125
        ? { kind: "skip", cause: "stress-cannot-tell", detail }
        : { kind: "bad", cause: "stress-failed", detail };
  }
}

/** The first line that says error, else the last line; control characters are shown as "?". */
export function firstErrorLine(log: string): string | undefined {
  const lines = log.split("\n").filter((line) => line.trim() !== "");
  const line =
    lines.find((text) => /\berror\b|undefined!|undefined reference|\*\*\*/i.test(text)) ?? lines.at(-1);
  return line === undefined ? undefined : clean(line);
}

function clean(line: string): string {
  return line
    .trim()
    .replace(/\s+/g, " ")
    .replace(/[\x00-\x1f\x7f-\x9f]/g, "?")
    .slice(0, 300);
}

function refuseAccident({ stage, code, log, freeBytes }: StageEnd): void {
  if (code === 126 || code === 127)
    throw harnessFault(`the ${stage} command can't be run: ${firstErrorLine(log) ?? `exit code ${code}`}`, {
      hint: `try it by hand; its name and its rights are what a shell complains of with ${code}`,
    });
  if (code >= 128)
    throw harnessFault(
      `the ${stage} command was ended by signal ${code - 128}, or says itself that it failed`,
      {
        hint: "look for the OOM killer in the kernel log; a test says bad with 1 to 124",
      },
    );
  if (freeBytes !== undefined && freeBytes < fullDiskBytes)
    throw harnessFault(`the disk is full where ${stage} ran`, { hint: "free some space; df -h" });
  const sign = faultSign(stage, log);
  if (sign !== undefined)
    throw harnessFault(`${stage} failed for a reason outside the release: ${sign.line}`, { hint: sign.hint });
}
