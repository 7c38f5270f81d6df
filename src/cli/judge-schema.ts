import { z } from "zod";
import type { JudgedAgain } from "./judge-again.js";
import { published } from "./evidence-schema.js";
import { verdictShape } from "./verdict-schema.js";

const outcome = verdictShape.extend({
  kind: z
    .enum(["good", "bad", "skip", "fault", "cut"])
    .describe("cut: the trial was ended before its verdict"),
});
const shape = z.object({
  trials: z.array(
    z.object({
      folder: z.string(),
      version: z.string(),
      commit: z.string(),
      was: outcome,
      now: outcome,
      judgedAgain: z.boolean().describe("false: its folder does not hold what judging takes"),
      changed: z.boolean(),
    }),
  ),
  elsewhere: z
    .object({
      commit: z.string(),
      label: z.string(),
      was: z.string(),
      now: z.string(),
      isEnd: z.boolean().describe("one of the two ends, on which the rest is built"),
      next: z.string().optional(),
      nextNow: z.string().optional(),
    })
    .optional()
    .describe("the first commit of git's bisect whose verdict is another one"),
});

export function judgeJson({ trials, elsewhere }: JudgedAgain): z.output<typeof shape> {
  return shape.parse({
    trials: trials.map(({ trial, now, changed }) => {
      const { folder, version, commit, verdict, fault } = trial;
      const was = verdict ?? (fault === undefined ? { kind: "cut" } : { kind: "fault", detail: fault });
      const outcome = now?.kind === "verdict" ? now.verdict : now;
      return {
        folder,
        version,
        commit,
        was,
        now: outcome ?? was,
        judgedAgain: now !== undefined,
        changed,
      };
    }),
    elsewhere,
  });
}

/** What `judge --json` prints. */
export function judgeJsonSchema(): object {
  return published(shape, "tarbisect judge --json");
}
