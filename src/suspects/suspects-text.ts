import type { Suspect } from "./rank-suspects.js";

const mostLines = 12;

/** The first suspects for reading: rank, place, reasons, changed lines. */
export function suspectsText(
  suspects: readonly Suspect[],
  known: { traces: number; fixed: boolean; top: number },
): string {
  const shown = suspects.slice(0, known.top).map(suspectText);
  const how =
    known.traces === 0 && !known.fixed
      ? "no trace and no fixed release: this order says next to nothing"
      : known.traces === 0
        ? "no trace: only what the fixed release changed again speaks"
        : known.fixed
          ? "by trace and fixed release"
          : "by trace; a release that is good again (--fixed) sharpens it";
  return `${suspects.length} changed functions, ${how}\n\n${shown.join("\n")}`;
}

function suspectText({ rank, name, file, score, reasons, lines }: Suspect): string {
  const all = lines.split("\n");
  const cut =
    all.length > mostLines ? [...all.slice(0, mostLines), `... ${all.length - mostLines} lines more`] : all;
  return [
    `${rank}. ${name} (${file}), score ${score}`,
    ...reasons.map(({ points, text }) => `   ${points >= 0 ? "+" : ""}${points} ${text}`),
    ...cut.map((line) => `     ${line}`),
    "",
  ].join("\n");
}
