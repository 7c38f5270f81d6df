import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { harnessFault } from "../fault/fault.js";
import { describeEnd, runCommand } from "../host/run-command.js";
import type { CommandResult } from "../host/run-command.js";
import { openBoundedLog } from "./bounded-log.js";
import { lastLine } from "./place.js";
import type { Place } from "./place.js";
import { parseStageEnd, stageScript } from "./stage-script.js";
import type { Stage, StageEnd } from "./verdict.js";

export interface StageInput {
  stage: Stage;
  command: string;
  timeoutMs: number;
  /** The source's copy, at the place. */
  folder: string;
  env: Readonly<Record<string, string>>;
}

const keptBytes = 4 * 1024 * 1024;

/** Runs a stage's command at its place; its output grows in EVIDENCE/STAGE.log. Whatever hides its end is a fault. */
export async function runStage(
  { stage, timeoutMs, ...input }: StageInput,
  at: { place: Place; evidence: string; signal: AbortSignal },
): Promise<StageEnd> {
  const token = `tarbisect-${randomBytes(12).toString("hex")}`;
  const log = openBoundedLog(join(at.evidence, `${stage}.log`));
  let result: CommandResult;
  try {
    result = await runCommand(at.place.shell(stageScript({ ...input, token })), {
      timeoutMs,
      signal: at.signal,
      holdStdin: true,
      keepBytes: keptBytes,
      onOutput: (chunk, stream) => {
        if (stream === "stdout") log.add(chunk);
      },
    });
  } finally {
    log.close();
  }
  const told = parseStageEnd(result.stderr, token);
  if (told?.kind === "not-started")
    throw harnessFault(`${stage} can't start in ${input.folder} on ${at.place.name}: ${told.why}`);
  if (told === undefined && result.end.kind === "timed-out")
    throw harnessFault(`${stage} did not end within ${timeoutMs / 1000} s`, {
      hint: `a test that can hang must say so itself and exit 1; or set ${stage}.timeout`,
    });
  if (told === undefined)
    throw harnessFault(
      `nobody knows how ${stage} on ${at.place.name} ended: ${describeEnd(result.end)}: ${lastLine(result.stderr)}`,
    );
  return { stage, folder: input.folder, ...told, elapsedMs: result.elapsedMs, log: result.stdout.toString() };
}
