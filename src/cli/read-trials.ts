import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import type { EvidenceFiles } from "../report/trial-record.js";

/** Of a longer log its end is read: what a crash left stands there. */
const mostBytes = 8 * 1024 * 1024;

/** The folders of evidence under `trials`, with their files as texts; [] when there is none. Names are relative to `cwd`. */
export async function readEvidenceFolders(trials: string, cwd: string): Promise<EvidenceFiles[]> {
  const entries = await readdir(trials, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return Promise.all(
    folders.sort().map(async (name) => {
      const folder = join(trials, name);
      return { folder: relative(cwd, folder) || ".", files: await readFiles(folder) };
    }),
  );
}

async function readFiles(folder: string): Promise<Map<string, string>> {
  const names = await readdir(folder, { recursive: true });
  const texts = new Map<string, string>();
  for (const name of names.sort()) {
    const path = join(folder, name);
    const info = await stat(path).catch(() => undefined);
    if (info?.isFile() !== true || !/\.(?:json|jsonl|csv|log|txt)$/.test(name)) continue;
    const content = await readFile(path);
    texts.set(name, content.subarray(Math.max(0, content.length - mostBytes)).toString("utf8"));
  }
  return texts;
}
