// The trials that a folder of evidence holds, by what their own files say of them.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Exposure } from "./exposure.js";
import type { Verdict } from "./verdict.js";

export interface KeptTrial {
  folder: string;
  version: string;
  /** 40 hex digits. */
  commit: string;
  place: string;
  /** ISO. */
  time: string;
  /** tarbisect.yaml as it was checked. */
  settings: Record<string, unknown>;
  /** Undefined: a fault ended it, or it was cut short. */
  verdict: Verdict | undefined;
  /** Why there is no verdict, where that was written down. */
  fault: string | undefined;
  exposure: Exposure | undefined;
}

type Head = Pick<KeptTrial, "version" | "commit" | "place" | "time" | "settings">;

/** Oldest first; folders that are no trial's are left out, a folder that is not there holds none. */
export async function readKeptTrials(trials: string): Promise<KeptTrial[]> {
  const entries = await readdir(trials, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(trials, name));
  const read = await Promise.all(folders.sort().map(readKeptTrial));
  return read.filter((trial) => trial !== undefined);
}

async function readKeptTrial(folder: string): Promise<KeptTrial | undefined> {
  const head = await readObject<Head>(folder, "settings.json");
  if (head?.commit === undefined) return undefined;
  const { version = "", commit, place = "", time = "", settings = {} } = head;
  const end = await readObject<{ verdict: Verdict; exposure?: Exposure }>(folder, "verdict.json");
  const fault = await readObject<{ message: string }>(folder, "fault.json");
  return {
    folder,
    version,
    commit,
    place,
    time,
    settings,
    verdict: end?.verdict,
    fault: fault?.message,
    exposure: end?.exposure,
  };
}

/** Undefined when it is not there, or was cut in the middle of a write. */
async function readObject<T>(folder: string, name: string): Promise<Partial<T> | undefined> {
  const text = await readFile(join(folder, name), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Partial<T>;
  } catch {
    return undefined;
  }
}
