// Log lines that the driver itself printed lead to the function whose format string they are: it ran shortly before.
import type { SourceFile } from "../source/source-file.js";
import { readLogLine } from "../evidence/log-line.js";

const literal = /"((?:[^"\\\n]|\\.)*)"(?:\s*(?:[A-Z_][A-Z0-9_]*\s*)?"((?:[^"\\\n]|\\.)*)")*/g;
const conversion = /%[-+ #0]*(?:\d+|\*)?(?:\.(?:\d+|\*))?(?:hh|h|ll|l|L|z|t|j)?[a-zA-Z]\w*/;
/** Shorter fixed text is found in any log by chance. */
const fewestLetters = 14;

/** Functions that hold a string which a line of these texts was printed from, with that string. */
export function printersOf(texts: readonly string[], files: readonly SourceFile[]): Map<string, string> {
  const lines = texts
    .flatMap((text) => text.split("\n"))
    .filter((line) => !line.includes("+0x"))
    .map((line) => readLogLine(line.trim()).text);
  const log = lines.join("\n");
  const printers = new Map<string, string>();
  if (!/[a-z]{3} [a-z]{2}/i.test(log)) return printers;
  for (const file of files) {
    const found = literalsIn(file.text).filter(({ parts }) => wasPrinted(parts, log, lines));
    for (const { at, text } of found) {
      const unit = file.units.find(
        ({ kind, span }) => kind === "function" && span.startOffset <= at && at < span.endOffset,
      );
      if (unit !== undefined) printers.set(unit.name, text);
    }
  }
  return printers;
}

interface Literal {
  at: number;
  text: string;
  /** The fixed text between conversions, in order. */
  parts: string[];
}

function literalsIn(text: string): Literal[] {
  const found: Literal[] = [];
  for (const match of text.matchAll(literal)) {
    const whole = [...match[0].matchAll(/"((?:[^"\\\n]|\\.)*)"/g)].map((m) => m[1]).join("");
    if (whole.length < fewestLetters) continue;
    const parts = whole
      .replace(/\\[nt]/g, "")
      .split(conversion)
      .map((part) => part.trim())
      .filter((part) => part.length > 2);
    const letters = parts.join("").replace(/[^A-Za-z]/g, "").length;
    if (letters >= fewestLetters) found.push({ at: match.index, text: whole, parts });
  }
  return found;
}

function wasPrinted(parts: readonly string[], log: string, lines: readonly string[]): boolean {
  if (!log.includes(parts[0] ?? "")) return false;
  return lines.some((line) => {
    let at = 0;
    return parts.every((part) => {
      const found = line.indexOf(part, at);
      at = found + part.length;
      return found >= 0;
    });
  });
}
