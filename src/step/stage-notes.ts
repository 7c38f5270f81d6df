// stages.jsonl: which part of a trial began when, written as it happens, for those who look at a trial that runs.
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { harnessFault, messageOf } from "../fault/fault.js";

/** One line. `pid`: of the step, so that a reader knows whether it still lives. */
export interface StageNote {
  /** ISO time. */
  at: string;
  stage: string;
  pid: number;
}

export type NoteStage = (stage: string) => void;

const stagesFile = "stages.jsonl";

/** Harness fault of the returned function: the evidence can't be written. */
export function stageNotes(evidence: string, now: () => Date): NoteStage {
  const path = join(evidence, stagesFile);
  return (stage) => {
    const note: StageNote = { at: now().toISOString(), stage, pid: process.pid };
    try {
      appendFileSync(path, `${JSON.stringify(note)}\n`);
    } catch (cause) {
      throw harnessFault(`${path} can't be written: ${messageOf(cause)}`, { cause, hint: "df -h" });
    }
  };
}
