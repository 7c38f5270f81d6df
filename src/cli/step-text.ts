import type { StepEvents, Trial } from "../step/run-step.js";
import type { Verdict } from "../step/verdict.js";

/** Progress of a step, a line per stage. */
export function stepEvents(note: (text: string) => void): StepEvents {
  return {
    began: ({ under, kernel, evidence }) =>
      note(`${under.version} (${under.commit.slice(0, 10)}) on kernel ${kernel}\nevidence: ${evidence}\n`),
    starts: (stage) => note(`${stage} ...\n`),
    ended: ({ stage, code, elapsedMs }) =>
      note(`${stage} ended with ${code} after ${(elapsedMs / 1000).toFixed(1)} s\n`),
  };
}

/** The verdict, one line that stands alone in the output of git bisect run. */
export function trialText({
  verdict,
  version,
  commit,
}: Pick<Trial, "verdict" | "version" | "commit">): string {
  return `tarbisect: ${version} (${commit.slice(0, 10)}) ${verdictText(verdict)}\n`;
}

function verdictText(verdict: Verdict): string {
  switch (verdict.kind) {
    case "good":
      return verdict.detail === undefined ? "is good" : `is good: ${verdict.detail}`;
    case "bad":
      return `is bad: ${verdict.detail}`;
    case "skip":
      return `can't be tested: ${verdict.detail}`;
  }
}
