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

/** Which readings an environment must agree with. */
export interface ComparedWith {
  /** The file that keeps the first step's. */
  record: string;
  /** The machine that this one is said to be identical to; its reading may not be there yet. */
  twin: { name: string; record: string } | undefined;
  bisect: string;
  wanted: unknown;
}

/** Harness fault with both values when the environment is another than at the first step of this bisect, or a twin's. */
export async function expectSameEnvironment(environment: Environment, at: ComparedWith): Promise<void> {
  if (at.twin !== undefined) await expectLikeTwin(environment, at.twin, at.bisect);
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

/** Each machine has its own disks and cards, which its command line may name; all else is the same on both. */
async function expectLikeTwin(
  environment: Environment,
  { name, record }: NonNullable<ComparedWith["twin"]>,
  bisect: string,
): Promise<void> {
  const its = await readRecord(record);
  if (its?.bisect !== bisect) return;
  const differences = compareEnvironments(
    { ...its.environment, commandLine: "", cards: [] },
    { ...environment, commandLine: "" },
  );
  if (differences.length === 0) return;
  const told = differences.map(({ what, first, now }) => `${what} is "${first}" there and "${now}" here`);
  throw harnessFault(`the target is not identical to ${name}: ${told.join("; ")}`, {
    hint: "make them equal, or take it out of twins",
  });
}

async function readRecord(path: string): Promise<EnvironmentRecord | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as EnvironmentRecord);
}
