// A commit that changes no code is not tested again: split proves it by building, and says so in a trailer.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { runChecked } from "../host/run-command.js";
import { commitUnderTest } from "./commit-under-test.js";
import type { Trial } from "./run-step.js";
import type { Verdict } from "./verdict.js";

/**
 * The verdict of the nearest commit before HEAD with the same code, by the same settings; undefined where HEAD has code
 * of its own, or none of those was tested.
 */
export async function inheritedTrial(
  cwd: string,
  { evidence, settings }: { evidence: string | undefined; settings: unknown },
): Promise<Trial | undefined> {
  const under = await commitUnderTest(cwd);
  const trials = evidence ?? join(under.ownFolder, "evidence");
  for (const commit of await sameBefore(under.repository, under.commit)) {
    const found = await lastTrial(trials, commit, JSON.stringify(settings));
    if (found !== undefined) return { ...found, version: under.version, commit: under.commit };
  }
  return undefined;
}

/** The commits before this one whose code it has, the nearest first. */
async function sameBefore(cwd: string, commit: string): Promise<string[]> {
  const format = "%P%x00%(trailers:key=Tarbisect-Code,valueonly,separator=%x20)";
  const found: string[] = [];
  for (let at = commit; ;) {
    const told = await runChecked(["git", "show", "-s", `--format=${format}`, at], { cwd });
    const [parents = "", trailer = ""] = told.toString().trim().split("\0");
    const [parent] = parents.split(" ");
    if (trailer.trim() !== "same-as PARENT" || !parent) return found;
    found.push((at = parent));
  }
}

async function lastTrial(
  trials: string,
  commit: string,
  settings: string,
): Promise<Pick<Trial, "verdict" | "kernel" | "evidence"> | undefined> {
  const names = await readdir(trials).catch(() => []);
  const ofCommit = names.filter((name) => name.replace(/-\d+$/, "").endsWith(`-${commit.slice(0, 10)}`));
  for (const name of ofCommit.sort().reverse()) {
    const evidence = join(trials, name);
    const told = (await readRecord(join(evidence, "verdict.json"))) as
      { commit?: unknown; kernel?: string; verdict?: Verdict } | undefined;
    const used = (await readRecord(join(evidence, "settings.json"))) as { settings?: unknown } | undefined;
    if (told?.commit !== commit || told.verdict === undefined) continue;
    if (JSON.stringify(used?.settings) !== settings) continue;
    return { verdict: told.verdict, kernel: told.kernel ?? "", evidence };
  }
  return undefined;
}

/** Undefined where there is no such file, or a kill cut it. */
async function readRecord(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return undefined;
  }
}
