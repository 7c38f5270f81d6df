import type { NeedCheck } from "../host/needs.js";

const stateText = {
  ok: "ok",
  missing: "MISSING",
  "missing-optional": "not here",
} as const satisfies Record<NeedCheck["state"], string>;

/** A line per check, and what to type under those that are not ok. */
export function doctorText(checks: readonly NeedCheck[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  return checks
    .map(({ name, state, detail, hint }) => {
      const line = `${stateText[state].padEnd(8)}  ${name.padEnd(width)}  ${detail}\n`;
      return hint === undefined ? line : `${line}${" ".repeat(10 + width)}  -> ${hint}\n`;
    })
    .join("");
}
