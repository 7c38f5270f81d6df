// What was built so far, kept line by line, so that a killed run goes on where it was.
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Outcome } from "./tree-build.js";

/** Outcomes by tree key. */
export class Outcomes {
  readonly #known = new Map<string, Outcome>();

  constructor(readonly path: string) {
    if (!existsSync(path)) return;
    for (const line of readFileSync(path, "utf8").split("\n")) {
      const entry = parse(line);
      if (entry) this.#known.set(entry.key, entry.outcome);
    }
  }

  get size(): number {
    return this.#known.size;
  }

  get(key: string): Outcome | undefined {
    return this.#known.get(key);
  }

  add(key: string, outcome: Outcome): void {
    mkdirSync(dirname(this.path), { recursive: true });
    // A line that a kill cut short ends at the next one's beginning.
    appendFileSync(this.path, `\n${JSON.stringify({ key, outcome })}`);
    this.#known.set(key, outcome);
  }
}

function parse(line: string): { key: string; outcome: Outcome } | undefined {
  if (line === "") return undefined;
  try {
    return JSON.parse(line) as { key: string; outcome: Outcome };
  } catch {
    return undefined; // the last line of a killed run
  }
}
