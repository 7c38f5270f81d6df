// What the machine was, from whatever tells it: the trials' records, kernel logs, ethtool -i.
import { firmwareWarnings as warningLines } from "../evidence/firmware-lines.js";
import type { Report } from "./report-shape.js";

type Environment = Report["environment"];

/** The lines in which a driver warns of its firmware, each once. */
export function firmwareWarnings(texts: readonly { source: string; text: string }[]): Report["warnings"] {
  const seen = new Set<string>();
  return texts.flatMap(({ source, text }) =>
    warningLines(text).flatMap((words) => {
      if (seen.has(words)) return [];
      seen.add(words);
      return [{ text: words, source }];
    }),
  );
}

const facts: readonly { name: string; pattern: RegExp }[] = [
  { name: "hardware", pattern: /\bHardware name: (.+)$/m },
  { name: "firmware", pattern: /^firmware-version: (.+)$/m },
  { name: "firmware", pattern: /\b(fw \d[\w.]* api \d[\w.]* nvm [^\n]+)$/m },
  { name: "driver loaded", pattern: /^driver: (.+\nversion: .+)$/m },
];

/** What logs tell in passing: the machine, the card's firmware. Each value once, with its first source. */
export function environmentOfTexts(texts: readonly { source: string; text: string }[]): Environment {
  return once(
    texts.flatMap(({ source, text }) =>
      facts.flatMap(({ name, pattern }) => {
        const value = pattern
          .exec(text)?.[1]
          ?.replace(/\nversion:/, "")
          .trim();
        return value === undefined || value === "" ? [] : [{ name, value, source }];
      }),
    ),
  );
}

const mostFacts = 60;

/** What a step wrote down of its target, as names and values: {"a":{"b":1}} is "a b: 1". */
export function environmentOfRecord(source: string, record: unknown): Environment {
  return flatten(record, [])
    .slice(0, mostFacts)
    .map(({ path, value }) => ({ name: path.join(" "), value, source }));
}

function flatten(value: unknown, path: readonly string[]): { path: readonly string[]; value: string }[] {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return path.length === 0 || value === "" ? [] : [{ path, value: String(value) }];
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value) && value.every((one) => typeof one === "string"))
    return value.length === 0 ? [] : [{ path, value: value.join(", ") }];
  return Object.entries(value).flatMap(([name, one]) => flatten(one, [...path, name]));
}

export function once(environment: Environment): Environment {
  const seen = new Set<string>();
  return environment.filter(({ name, value }) => {
    const key = `${name}\n${value}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
