// Builds trees of a driver as its vendor's make does, against one kernel, one after another in the same folder.
import { realpathSync } from "node:fs";
import { join } from "node:path";
import { buildModule, type BuildHeaders } from "../../build/build-module.js";
import type { BuildError } from "../../build/build-errors.js";
import type { Fixup } from "../../catalog/catalog-shape.js";
import type { Catalog } from "../../catalog/catalog.js";
import type { SourceTree } from "../slot.js";
import { writeCompiler } from "./compiler-cache.js";
import { fixTree, lineBefore } from "./fixed-tree.js";
import { codeOfModule } from "./same-code.js";
import type { Outcome, TreeBuilder, TreeToBuild } from "./tree-build.js";
import { TreeFolder } from "./tree-folder.js";

export interface KernelBuild {
  catalog: Pick<Catalog, "sourceFolder" | "module" | "recipe">;
  headers: BuildHeaders;
  fixups: readonly Fixup[];
  /** The compiler; default gcc. */
  cc?: string;
  jobs: number;
  timeoutMs: number;
  /** Objects by preprocessed text, shared by all builders of one split. */
  cacheFolder: string;
  /** Further flags for the vendor's own sources. */
  flags?: readonly string[];
  /** Called with each built module and the tree it came from. */
  keep?: (key: string, ko: string) => Promise<void>;
}

/** A builder in a new folder; what it builds with is written beside the folder. */
export async function kernelBuilder(folder: string, build: KernelBuild): Promise<TreeBuilder> {
  const place = new TreeFolder(folder);
  const root = realpathSync(folder);
  const cc = `${root}.cc`;
  const { cc: real = "gcc", flags = [], cacheFolder } = build;
  await writeCompiler(cc, { cc: real, folder: cacheFolder, root, flags });
  return {
    async build({ key, tree }: TreeToBuild, signal: AbortSignal): Promise<Outcome> {
      const { catalog, fixups, keep } = build;
      const fixed = await fixTree(tree, fixups, catalog.sourceFolder);
      place.put(fixed.tree);
      const cflags = fixed.cflags.map((flag) => flag.replace("FOLDER", root));
      const result = await buildModule({ ...build, folder: root, cflags, cc, keepsGoing: true, signal });
      if (result.kind === "built") {
        await keep?.(key, result.ko);
        return { kind: "built", code: await codeOfModule(result.ko, signal) };
      }
      const errors = result.errors.map((error) =>
        inTree(error, { sourceFolder: catalog.sourceFolder, tree, fixed: fixed.tree }),
      );
      return { kind: "failed", firstError: result.firstError, errors };
    },
  };
}

/** An error with the path and line that its text has in the tree. */
function inTree(
  error: BuildError,
  { sourceFolder, tree, fixed }: { sourceFolder: string; tree: SourceTree; fixed: SourceTree },
): BuildError {
  if (error.file === undefined) return error;
  const file = join(sourceFolder, error.file);
  const expandedIn = error.expandedIn?.map((place) => ({ ...place, file: join(sourceFolder, place.file) }));
  if (expandedIn) return { ...error, file, expandedIn };
  const [before, after] = [tree.get(file), fixed.get(file)];
  if (!before || !after || before === after || error.line === undefined) return { ...error, file };
  const [oldText, newText] = [before.content.toString("latin1"), after.content.toString("latin1")];
  return { ...error, file, line: lineBefore(oldText, newText, error.line) };
}
