import { fairRate } from "./base-rate.js";
import type { Dependent } from "./dependents.js";
import type { Suspect, Suspicion } from "./rank-suspects.js";
import type { Reason } from "./signals/signal.js";

interface Known {
  traces: number;
  fixed: boolean;
  /** How many to show. */
  top: number;
}

const mostLines = 12;
const mostDependents = 5;
/** Of the suspects: a fixed release that changes more of them again is hardly ever the one that shows which was meant. */
const mostAgain = 0.75;
/** What rounds to nothing says nothing. */
const slightest = 0.05;

/** The first suspects for reading: rank, place, path, reasons, changed lines, and how far to trust the list. */
export function suspectsText(found: Suspicion, known: Known): string {
  const { suspects, dependents } = found;
  if (suspects.length === 0) return "no function was added or changed\n";
  return [
    `${suspects.length} changed functions, ${howKnown(found, known)}`,
    trust(known),
    "a score is the sum of its reasons, and one more is twice as likely",
    "",
    ...suspects.slice(0, known.top).map(suspectText),
    ...(dependents.length === 0 ? [] : [dependentsText(dependents)]),
  ].join("\n");
}

function howKnown(found: Suspicion, { traces, fixed }: Known): string {
  const { suspects, sighted } = found;
  const by = fixed ? again(found) : "";
  if (traces === 0) return fixed ? `ranked by ${by}: no trace was given` : unknown("no trace was given");
  if (sighted === 0) {
    const why = "the traces name no function of this driver";
    if (suspects.some(({ path }) => path.length > 0))
      return `ranked by what calls the kernel's functions in the traces${fixed ? ` and ${by}` : ""}: ${why}`;
    return fixed ? `ranked by ${by}: ${why}` : unknown(why);
  }
  const trace = `the ${sighted} ${sighted === 1 ? "function" : "functions"} that the traces name`;
  return fixed
    ? `ranked by ${trace} and ${by}`
    : `ranked by ${trace}; a release that is good again (--fixed) sharpens it`;
}

function again({ suspects, changedAgain = 0 }: Suspicion): string {
  const far =
    changedAgain > mostAgain * suspects.length ? "; one nearer to the bad release would tell more" : "";
  return `what the fixed release changes again (${changedAgain} of them${far})`;
}

function unknown(why: string): string {
  return `and next to nothing to rank them by: ${why}, and no fixed release (--trace, --fixed)`;
}

/** How often such a list was right, in words; without a trace it hardly ever is. */
export function trust({ traces, fixed }: Pick<Known, "traces" | "fixed">): string {
  const { cases, topFive } = fairRate({ traces: traces > 0, fixed });
  return (
    `measured on ${cases} regressions whose cause is known, ${traces > 0 ? "with" : "without"} a trace and` +
    ` ${fixed ? "with" : "without"} a fixed release: the true function was among the first five in ${topFive}`
  );
}

function suspectText({ rank, name, file, score, reasons, lines }: Suspect): string {
  const all = lines.split("\n");
  const cut =
    all.length > mostLines ? [...all.slice(0, mostLines), `... ${all.length - mostLines} lines more`] : all;
  return [
    `${rank}. ${name} (${file}), score ${score.toFixed(1)}`,
    ...reasons.filter(({ points }) => Math.abs(points) >= slightest).map(reasonText),
    ...cut.map((line) => `     ${line}`),
    "",
  ].join("\n");
}

function reasonText({ points, text }: Reason): string {
  return `   ${points > 0 ? "+" : ""}${points.toFixed(1)} ${text}`;
}

function dependentsText(dependents: readonly Dependent[]): string {
  const shown = dependents.slice(0, mostDependents);
  const more = dependents.length - shown.length;
  return [
    "not changed, but they use what changed:",
    ...shown.flatMap(({ name, file, contracts, fixed }) => [
      `   ${name} (${file})${fixed ? ", which the fixed release changes" : ""}`,
      ...contracts.slice(0, 3).map((contract) => `     ${contract}`),
    ]),
    ...(more > 0 ? [`   ... ${more} more (--json)`] : []),
    "",
  ].join("\n");
}
