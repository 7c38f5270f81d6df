import type { LogRelease } from "../changes/function-log.js";
import type { Tree } from "../history/trees.js";
import { codePaths } from "./read-sources.js";
import type { SourceIndex } from "./source-index.js";

/** A release as `log` looks at it: through the index, with texts only where they are shown. */
export function logRelease(tree: Tree, index: SourceIndex): LogRelease {
  const paths = codePaths(tree);
  return {
    fingerprint: async (name) => {
      const prints = await Promise.all(
        paths.map(async (path) => {
          const found = await index.functionsNamed(tree, path, name);
          const base = path.slice(path.lastIndexOf("/") + 1);
          return found.map(({ hash, condition }) => `${base} ${hash} ${condition}`);
        }),
      );
      return prints.flat().sort().join("\n");
    },
    functionNames: async () => {
      const files = await Promise.all(paths.map((path) => index.unitsOf(tree, path)));
      return new Set(
        files.flatMap(({ units }) => units.filter(({ kind }) => kind === "function").map(({ name }) => name)),
      );
    },
    definitions: async (names) => {
      const holding = await Promise.all(
        paths.map(async (path) => ((await index.definesAny(tree, path, names)) ? [path] : [])),
      );
      const files = await Promise.all(holding.flat().map((path) => index.sourceOf(tree, path)));
      return files.flatMap((file) =>
        file.units
          .filter(({ kind, name }) => kind === "function" && names.has(name))
          .map((unit) => ({ file, unit })),
      );
    },
  };
}
