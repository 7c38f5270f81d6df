// How the command line lets archives be downloaded: the cache's place, proxies, a mirror, progress lines.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { DownloadSettings } from "../catalog/download.js";
import { cacheFolder } from "../host/cache-folder.js";
import type { Call } from "./call.js";
import { downloadProgress } from "./download-progress.js";
import { stderrLines } from "./live-lines.js";

/** The settings of downloads as the environment gives them (TARBISECT_CACHE, TARBISECT_MIRROR, HTTPS_PROXY, ...). */
export function downloadSettings({ env, cwd, signal, note }: Call): DownloadSettings {
  const cache = cacheFolder(env);
  return {
    cacheFolder: cache,
    lockPath: lockPath(cwd, cache),
    signal,
    onProgress: downloadProgress(stderrLines(note)),
    ...(env.TARBISECT_MIRROR ? { mirror: env.TARBISECT_MIRROR } : {}),
    proxies: {
      http: env.http_proxy ?? env.HTTP_PROXY,
      https: env.https_proxy ?? env.HTTPS_PROXY,
      except: env.no_proxy ?? env.NO_PROXY,
    },
  };
}

/** tarbisect.lock here or above, else beside the nearest tarbisect.yaml, else in the cache. */
function lockPath(cwd: string, cache: string): string {
  const folders: string[] = [];
  for (let folder = cwd; ; folder = dirname(folder)) {
    folders.push(folder);
    if (dirname(folder) === folder) break;
  }
  for (const name of ["tarbisect.lock", "tarbisect.yaml"]) {
    const found = folders.find((folder) => existsSync(join(folder, name)));
    if (found !== undefined) return join(found, "tarbisect.lock");
  }
  return join(cache, "tarbisect.lock");
}
