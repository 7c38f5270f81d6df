import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

export const settingsFile = "tarbisect.yaml";

/** tarbisect.yaml in the folder or the nearest one above it; undefined for none. */
export function findSettings(cwd: string): string | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const path = join(folder, settingsFile);
    if (existsSync(path)) return path;
    if (folder === dirname(folder)) return undefined;
  }
}
