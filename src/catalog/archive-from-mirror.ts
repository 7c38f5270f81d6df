// One commit of a git mirror as a tar: exactly its tree, the same bytes every time.
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runChecked } from "../host/run-command.js";
import { fingerprint } from "./archive-cache.js";
import type { Archive, DownloadSettings } from "./download.js";
import type { Release } from "./release.js";

// A .gitattributes that the vendor ships (export-ignore, eol, ident) must not change what is archived.
const NO_ATTRIBUTES = "* -export-ignore -export-subst -text -ident -filter -working-tree-encoding\n";

/** Whether a URL is one of a git mirror's commits: git+file:///repository#COMMIT. */
export function isMirrorUrl(url: string): boolean {
  return /^git\+file:\/\/.*#[0-9a-f]{40,64}$/.test(url);
}

/** The tar of a mirror's commit, kept in the cache apart from vendors' archives. */
export async function archiveFromMirror(
  release: Release,
  url: string,
  { cacheFolder, signal, onProgress }: DownloadSettings,
): Promise<Archive> {
  const [place = "", commit = ""] = url.slice("git+".length).split("#");
  const mirror = fileURLToPath(place);
  const name = `${release.driver}-${release.version}`;
  const path = join(cacheFolder, "mirrors", shortHash(mirror), commit, `${name}.tar`);
  const kept = await fingerprint(path).catch(() => undefined);
  if (kept === undefined) await archiveCommit({ mirror, commit, name, path }, signal);
  const found = kept ?? (await fingerprint(path));
  onProgress?.({ kind: kept ? "cached" : "done", release, sizeBytes: found.sizeBytes });
  return { path, ...found, url };
}

async function archiveCommit(
  { mirror, commit, name, path }: { mirror: string; commit: string; name: string; path: string },
  signal?: AbortSignal,
): Promise<void> {
  // A repository of our own that borrows the mirror's objects: its attributes win, and the mirror is not touched.
  const objects = await runChecked(
    ["git", "-C", mirror, "rev-parse", "--path-format=absolute", "--git-path", "objects"],
    {
      signal,
    },
  );
  const scratch = await mkdtemp(join(tmpdir(), "tarbisect-mirror-"));
  const part = `${path}.${process.pid}.part`;
  try {
    await runChecked(["git", "init", "--quiet", "--bare", "--template=", scratch], { signal });
    await mkdir(join(scratch, "objects/info"), { recursive: true });
    await mkdir(join(scratch, "info"), { recursive: true });
    await writeFile(join(scratch, "objects/info/alternates"), objects);
    await writeFile(join(scratch, "info/attributes"), NO_ATTRIBUTES);
    await mkdir(dirname(path), { recursive: true });
    const archive = ["archive", "--format=tar", `--prefix=${name}/`, `--output=${part}`, commit];
    await runChecked(["git", "-c", "tar.umask=0022", `--git-dir=${scratch}`, ...archive], { signal });
    await rename(part, path);
  } finally {
    await rm(scratch, { recursive: true, force: true });
    await rm(part, { force: true });
  }
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
