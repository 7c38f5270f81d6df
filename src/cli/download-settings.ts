// How the command line lets archives be downloaded: the cache's place, proxies, a mirror, progress lines.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { DownloadEvent, DownloadSettings } from "../catalog/download.js";
import { cacheFolder } from "../host/cache-folder.js";
import { renderByteSize } from "./byte-size.js";
import type { Call } from "./call.js";

/** The settings of downloads as the environment gives them (TARBISECT_CACHE, TARBISECT_MIRROR, HTTPS_PROXY, ...). */
export function downloadSettings({ env, cwd, signal, note }: Call): DownloadSettings {
  const cache = cacheFolder(env);
  return {
    cacheFolder: cache,
    lockPath: lockPath(cwd, cache),
    signal,
    onProgress: progressLines(note),
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

/** One line for each file that came, and what stood in the way; the sum so far stands in each line. */
function progressLines(note: Call["note"]): (event: DownloadEvent) => void {
  let [files, sumBytes] = [0, 0];
  return (event) => {
    const name = `${event.release.driver} ${event.release.version}`;
    switch (event.kind) {
      case "done":
        files += 1;
        sumBytes += event.sizeBytes;
        return note(
          `${name}: ${renderByteSize(event.sizeBytes)} (in sum ${files} ${files === 1 ? "file" : "files"}, ${renderByteSize(sumBytes)})\n`,
        );
      case "retrying":
        return note(`${name}: ${event.reason}; asking again in ${event.waitMs / 1000} s: ${event.url}\n`);
      case "gave-up":
        return note(`${name}: ${event.reason}: ${event.url}\n`);
      case "cached":
      case "receiving":
        return undefined;
    }
  };
}
