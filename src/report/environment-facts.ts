// What the machine was, from whatever tells it: the trials' records, kernel logs, ethtool -i.
import { firmwareWarnings as warningLines } from "../evidence/firmware-lines.js";
import type { ReportFacts, SeenText } from "./assemble-report.js";
import type { Report } from "./report-shape.js";

type Environment = Report["environment"];

/** Of all that was seen, and of what the steps wrote down. */
export function environmentOf({ trials }: ReportFacts, seen: readonly SeenText[]): Environment {
  const ofTrials = trials.flatMap(({ trial: { kernel, place, folder } }) => {
    const source = `${folder}/settings.json`;
    return [
      ...(kernel === undefined ? [] : [{ name: "kernel", value: kernel, source }]),
      ...(place === undefined ? [] : [{ name: "target", value: place, source }]),
    ];
  });
  const ofEvents = seen.flatMap(({ source, evidence }) =>
    (evidence.events ?? []).flatMap(({ kernel, taint }) => [
      ...(kernel === undefined ? [] : [{ name: "kernel", value: kernel, source }]),
      ...(taint === undefined || taint === "" ? [] : [{ name: "taint", value: taint, source }]),
    ]),
  );
  // All steps of a bisect stand on the same environment, so the first record tells all.
  const recorded = trials.find(({ environment }) => environment.length > 0)?.environment ?? [];
  return once([...ofTrials, ...ofEvents, ...environmentOfTexts(seen), ...recorded]);
}

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
function environmentOfTexts(texts: readonly { source: string; text: string }[]): Environment {
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

/** What a step wrote down of its target, as names and values: {"aB":{"c":1}} is "a b c: 1"; a thing with a name is one line. */
export function environmentOfRecord(source: string, record: unknown): Environment {
  return flatten(record, [])
    .slice(0, mostFacts)
    .map(({ path, value }) => ({ name: path.map(words).join(" "), value, source }));
}

function flatten(value: unknown, path: readonly string[]): { path: readonly string[]; value: string }[] {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return path.length === 0 || value === "" ? [] : [{ path, value: String(value) }];
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value) && value.every((one) => typeof one === "string"))
    return value.length === 0 ? [] : [{ path, value: value.join(", ") }];
  if (Array.isArray(value))
    return value.flatMap((one, at) => thing(one, path) ?? flatten(one, [...path, String(at)]));
  return Object.entries(value).flatMap(([name, one]) => flatten(one, [...path, name]));
}

/** {"name":"eth0","driver":"e1000"} in "cards" is "card eth0: driver e1000". */
function thing(value: unknown, path: readonly string[]): ReturnType<typeof flatten> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { name, ...rest } = value as Readonly<Record<string, unknown>>;
  if (typeof name !== "string" || name === "") return undefined;
  const told = flatten(rest, []).map((one) => `${one.path.map(words).join(" ")} ${one.value}`);
  const kind = (path.at(-1) ?? "").replace(/s$/, "");
  return [{ path: [...path.slice(0, -1), kind, name], value: told.join(", ") }];
}

/** "memoryKib" is "memory KiB". */
function words(name: string): string {
  return name
    .replace(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`)
    .replace(/ kib$/, " KiB");
}

function once(environment: Environment): Environment {
  const seen = new Set<string>();
  return environment.filter(({ name, value }) => {
    const key = `${name}\n${value}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
