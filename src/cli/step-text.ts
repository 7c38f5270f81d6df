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
  const detail = verdict.detail === undefined ? "" : `: ${verdict.detail}`;
  return `${verdictWord(verdict.kind, verdict.kind === "skip" ? verdict.cause : undefined)}${detail}`;
}

/** What is said of a commit: where it was tested, but for too little to tell, it "can't be judged". */
export function verdictWord(kind: Verdict["kind"], cause: string | undefined): string {
  if (kind !== "skip") return `is ${kind}`;
  return cause === "exposure-short" || cause === "undecided" ? "can't be judged" : "can't be tested";
}
