// The first step of a bisect writes down its environment; each later one must find the same.
import { readFile } from "node:fs/promises";
import { harnessFault } from "../fault/fault.js";
import { writeFileAtomically } from "../host/write-file.js";
import { compareEnvironments, type Environment } from "./environment.js";

interface EnvironmentRecord {
  /** Names the bisect, so that the next one starts anew. */
  bisect: string;
  environment: Environment;
  /** The settings that shape the interfaces. */
  wanted: unknown;
}

/** Harness fault with both values when the environment is another than at the first step of this bisect. */
export async function expectSameEnvironment(
  environment: Environment,
  at: { record: string; bisect: string; wanted: unknown },
): Promise<void> {
  const first = await readRecord(at.record);
  if (first?.bisect !== at.bisect) {
    const record: EnvironmentRecord = { bisect: at.bisect, environment, wanted: at.wanted };
    return writeFileAtomically(at.record, `${JSON.stringify(record, null, 2)}\n`);
  }
  const settings = [first.wanted, at.wanted].map((wanted) => JSON.stringify(wanted)) as [string, string];
  const differences = [
    ...compareEnvironments(first.environment, environment),
    ...(settings[0] === settings[1]
      ? []
      : [{ what: "the interfaces' settings", first: settings[0], now: settings[1] }]),
  ];
  if (differences.length === 0) return;
  const told = differences.map(({ what, first: was, now }) => `${what} was "${was}" and is "${now}"`);
  throw harnessFault(`the target is not what it was at this bisect's first step: ${told.join("; ")}`, {
    hint: `put it back, or start over with: rm ${at.record}`,
  });
}

async function readRecord(path: string): Promise<EnvironmentRecord | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as EnvironmentRecord);
}
