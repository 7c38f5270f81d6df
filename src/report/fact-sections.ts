// What was read somewhere, below the name of its source.
import type { Block } from "./block.js";
import { shortNumber } from "./chart.js";
import type { Report } from "./report-shape.js";

export function environment({ environment: facts, warnings }: Report): Block[] {
  return [
    ...bySource(facts).flatMap(([source, own]): Block[] => [
      prose(`${source}:`),
      { kind: "list", items: own.map(({ name, value }) => `${name}: ${value}`) },
    ]),
    ...(warnings.length === 0
      ? []
      : [
          prose("The driver itself says of its firmware:"),
          { kind: "list" as const, items: warnings.map(({ text, source }) => `${text} [${source}]`) },
        ]),
  ];
}

export function memory({ memory: held }: Report): Block[] {
  return bySource(held).flatMap(([source, own]): Block[] => [
    prose(`${source}:`),
    { kind: "list", items: own.map(heldWords) },
  ]);
}

function heldWords({ function: name, module, verdict, reason, points }: Report["memory"][number]): string {
  const seen = points.map(({ clock, bytes, count, excessBytes }) => {
    const beyond = excessBytes === undefined ? "" : `, ${shortNumber(excessBytes, "bytes")} beyond the rings`;
    return `${clock ?? "no time"}: ${shortNumber(bytes, "bytes")} in ${count} allocations${beyond}`;
  });
  const judged = memoryVerdicts[verdict];
  return `${name} [${module}] held ${seen.join("; ")}. ${judged}: ${reason}.`;
}

const memoryVerdicts = {
  "within-rings": "No leak",
  "given-back": "No leak",
  "not-given-back": "A leak",
  "cannot-tell": "No verdict",
} satisfies Record<Report["memory"][number]["verdict"], string>;

function bySource<T extends { source: string }>(all: readonly T[]): [source: string, own: T[]][] {
  return [...new Set(all.map(({ source }) => source))].map((source) => [
    source,
    all.filter((one) => one.source === source),
  ]);
}

function prose(text: string): Block {
  return { kind: "prose", text };
}
