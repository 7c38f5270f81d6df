import { basename, posix, resolve } from "node:path";
import { usageFault } from "../fault/fault.js";
import { archiveLimits } from "./archive-limits.js";
import type { Call } from "./call.js";
import { importSources } from "./import-sources.js";
import { stderrLines } from "./live-lines.js";

interface Into {
  driver: string | undefined;
  /** As the user gave it; ./DRIVER when not. */
  folder: string | undefined;
  rebuild: boolean;
  /** NAME=SIZE each. */
  limits: readonly string[];
}

/** What a command ends with: the same for a reader and for a program. */
interface Done {
  text: string;
  result: object;
}

/** The releases of a driver, downloaded or from `places`. */
export async function importInto(asked: Into & { places: readonly string[] }, call: Call): Promise<Done> {
  const limits = archiveLimits(asked.limits);
  const [{ importReleases }, { isRepository }] = await Promise.all([
    import("../history/import-releases.js"),
    import("../history/existing.js"),
  ]);
  if (asked.folder !== undefined) await isRepository(resolve(call.cwd, asked.folder)); // before anything is downloaded
  const wanted = await importSources(asked, call);
  const folder = resolve(call.cwd, asked.folder ?? wanted.driver);
  const lines = stderrLines(call.note);
  const { added, kept, tip } = await importReleases(wanted.sources, {
    folder,
    rebuild: asked.rebuild,
    limits,
    signal: call.signal,
    onProgress: ({ version, read, of }) => {
      const text = `read ${wanted.driver} ${version} (${read} of ${of})`;
      lines.show("read", text);
      if (read === of || !process.stderr.isTTY) lines.settle("read", text);
    },
  });
  const were = kept.length > 0 ? `, ${kept.length} were there` : "";
  const count = `${added.length} ${added.length === 1 ? "release" : "releases"}`;
  return {
    text: `${folder}: ${count} added${were}; branch releases at ${tip.slice(0, 12)}`,
    result: { driver: wanted.driver, folder, branch: "releases", tip, added, kept, leftOut: wanted.leftOut },
  };
}

/** One kernel's own copy of a driver. */
export async function inTreeInto(
  asked: Into & { place: string | undefined; path: string | undefined; from: readonly string[] },
  call: Call,
): Promise<Done> {
  const { place, path } = asked;
  if (asked.from.length > 0) throw usageFault("--from and --in-tree are two imports", "run them one by one");
  if (place === undefined || path === undefined)
    throw usageFault(
      place === undefined ? "--path was given without --in-tree" : "--in-tree was given without --path",
      "tarbisect import --in-tree linux-6.1.tar.xz --path drivers/net/ethernet/intel/i40e",
    );
  const inside = posix.normalize(path).replace(/\/+$/, "");
  if (inside === "." || inside.startsWith("..") || inside.startsWith("/"))
    throw usageFault(`--path "${path}" is no folder in a kernel's source`);
  const { importInTree } = await import("../history/import-in-tree.js");
  const folder = resolve(call.cwd, asked.folder ?? asked.driver ?? basename(inside));
  const { added, tip, ...found } = await importInTree(
    { place: resolve(call.cwd, place), path: inside, limits: archiveLimits(asked.limits) },
    { folder, rebuild: asked.rebuild, signal: call.signal },
  );
  const files = `${found.files} ${found.files === 1 ? "file" : "files"}`;
  return {
    text: `${folder}: ${found.tag} ${added ? "added" : "was there"}, ${files} of ${inside}; branch in-tree at ${tip.slice(0, 12)}`,
    result: { folder, branch: "in-tree", tip, added, path: inside, ...found },
  };
}
