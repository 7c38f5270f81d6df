// What a failure says of the commit: it is the bug looked for, another one, or none of the module's.
import { compareSigns, type Attribution, type FailureSign } from "../evidence/failure-sign.js";
import type { Failure } from "./find-failure.js";
import type { Verdict } from "./verdict.js";

/** "endpoint": as the bad end failed, once that is known; "any"; or texts of which one must be in it. */
export type FailureRule = "endpoint" | "any" | readonly string[];

interface Place {
  stage: "load" | "configure" | "stress";
  rule: FailureRule;
  /** How the bisect's bad end failed. */
  known: readonly FailureSign[];
}

/**
 * How much likelier a failure is with the bug than without: crashes that name the module are wrong in 0.5 %, damaged memory
 * alone in 10 %, hangs in 5 %; nothing that points anywhere in a quarter.
 */
const ratios: Partial<Record<Attribution, number>> & Record<"corruption" | "elsewhere", number> = {
  module: 199,
  corruption: 9,
  elsewhere: 3,
};
const hangRatio = 19;

/** A fault's words when the failure is not the release's, such as a machine check. */
export function judgeFailure(
  failure: Failure,
  place: Place,
): { kind: "verdict"; verdict: Verdict } | { kind: "fault"; detail: string } {
  const { attribution, detail } = failure;
  if (attribution === "hardware") return { kind: "fault", detail: `the target's hardware failed: ${detail}` };
  return { kind: "verdict", verdict: verdictOn(failure, place) };
}

function verdictOn({ cause, detail, sign, attribution }: Failure, { stage, rule, known }: Place): Verdict {
  if (attribution === "other-build")
    return {
      kind: "skip",
      cause: "other-build",
      detail: `${detail}: the sizes of the module's functions in the log are not those of this build`,
      ...sign,
    };
  const match = matchOf(sign, detail, { rule, known });
  if (stage !== "stress" && match !== "looked-for")
    return { kind: "skip", cause: "failed-before-stress", detail: `${detail} (during ${stage})`, ...sign };
  if (match === "other")
    return { kind: "skip", cause: "other-failure", detail: `it failed in another way: ${detail}`, ...sign };
  return {
    kind: "bad",
    cause,
    detail: `${detail} (during ${stage})`,
    ...sign,
    likelihoodRatio: ratioOf(cause, attribution, match),
  };
}

function ratioOf(
  cause: Failure["cause"],
  attribution: Failure["attribution"],
  match: Exclude<Match, "other">,
): number {
  const alone = cause === "hang" ? hangRatio : (ratios[attribution ?? "elsewhere"] ?? ratios.elsewhere);
  if (match === "akin") return Math.min(alone, ratios.corruption);
  return match === "looked-for" ? Math.max(alone, hangRatio) : alone;
}

/** "looked-for": by its own signature or a text of the user's; "akin": damage like the bad end's; "any": nothing is known. */
type Match = "looked-for" | "akin" | "any" | "other";

function matchOf(sign: FailureSign, detail: string, { rule, known }: Pick<Place, "rule" | "known">): Match {
  if (rule === "any" || (rule === "endpoint" && known.length === 0)) return "any";
  if (rule !== "endpoint")
    return rule.some((text) => detail.includes(text) || sign.signature.includes(text))
      ? "looked-for"
      : "other";
  const compared = compareSigns(sign, known);
  return compared === "same" ? "looked-for" : compared;
}
