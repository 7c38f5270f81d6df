import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";

/**
 * To be called before a repository is made at `folder` (`isNew`), beside the reading of what it shall hold: what it
 * gives removes it again, when that could not be read.
 */
export function takeAway(folder: string, isNew: boolean): () => Promise<void> {
  const wasThere = existsSync(folder);
  return async () => {
    if (isNew) await rm(wasThere ? join(folder, ".git") : folder, { recursive: true, force: true });
  };
}
