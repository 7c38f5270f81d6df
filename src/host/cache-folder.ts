import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { packageRoot } from "./package-root.js";

/** Where downloads, builds and indexes are kept: TARBISECT_CACHE, cache/ of a checkout, else the user's cache folder. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  if (env.TARBISECT_CACHE) return resolve(env.TARBISECT_CACHE);
  if (existsSync(join(packageRoot, ".git"))) return join(packageRoot, "cache");
  return join(env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "tarbisect");
}
