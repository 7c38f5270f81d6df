// What drivers say of a card's firmware and NVM, in their own words.
import { readLogLine } from "./log-line.js";

const firmware =
  /(?:newer|older|more recent|unsupported|incompatible)[^\n]*\b(?:NVM|firmware|fw|DDP)\b|\b(?:NVM|firmware|DDP)\b[^\n]*(?:newer|older|expected|not supported|incompatible|Please (?:update|install))/i;
const versions = /\bfw \d[\w.]* api \d[\w.]* nvm |\bfirmware[- ]version[: ]/i;
const longest = 400;

/** The lines in which a driver warns that its firmware does not fit, each once. */
export function firmwareWarnings(text: string): string[] {
  return pick(text, (words) => firmware.test(words));
}

/** Those, and the lines that tell the versions. */
export function firmwareLines(text: string): string[] {
  return pick(text, (words) => firmware.test(words) || versions.test(words));
}

function pick(text: string, wanted: (words: string) => boolean): string[] {
  const lines = text.split("\n").flatMap((line) => {
    if (line.length > 2 * longest || !wanted(line)) return [];
    const words = readLogLine(line).text.trim();
    return words.length <= longest && wanted(words) ? [words] : [];
  });
  return [...new Set(lines)];
}
