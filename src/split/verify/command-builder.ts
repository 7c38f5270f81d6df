// Builds trees with a command of the user's, such as make -C src: for programs, and for drivers without a catalog.
import { realpathSync } from "node:fs";
import { posix } from "node:path";
import { machineFailure, parseBuildErrors, type BuildError } from "../../build/build-errors.js";
import type { Fixup } from "../../catalog/catalog-shape.js";
import { harnessFault } from "../../fault/fault.js";
import { describeEnd, runCommand } from "../../host/run-command.js";
import type { SourceTree } from "../slot.js";
import { beforeFixups, TreeFixer } from "./fixed-tree.js";
import type { Outcome, TreeBuilder } from "./tree-build.js";
import { TreeFolder } from "./tree-folder.js";

/** The caller's own make must not reach into this one, and messages must be ones that we can read. */
const clean = ["env", "-u", "MAKEFLAGS", "-u", "MAKELEVEL", "LANG=C", "LC_ALL=C"];

export interface CommandBuild {
  /** For sh; TARBISECT_CFLAGS is what the compiler must be told for the fixups, as in a step. */
  command: string;
  timeoutMs: number;
  /** What a driver's catalog does to its source before each build. */
  fixes?: { fixups: readonly Fixup[]; sourceFolder: string };
}

/** A builder that runs a text with sh in a new folder that holds the tree. */
export function commandBuilder(folder: string, { command, timeoutMs, fixes }: CommandBuild): TreeBuilder {
  const place = new TreeFolder(folder);
  const root = realpathSync(folder);
  const fixer = new TreeFixer(fixes?.fixups ?? [], fixes?.sourceFolder ?? ".");
  return {
    async build({ tree }, signal): Promise<Outcome> {
      const fixed = await fixer.fix(tree);
      place.put(fixed.tree);
      const cflags = fixed.cflags.map((flag) => flag.replace("FOLDER", root)).join(" ");
      const argv = [...clean, `TARBISECT_CFLAGS=${cflags}`, "sh", "-c", command];
      const run = await runCommand(argv, { cwd: root, timeoutMs, signal });
      const output = `${run.stdout.toString()}\n${run.stderr}`;
      if (run.end.kind === "exited" && run.end.code === 0) return { kind: "built", code: undefined };
      const ours = machineFailure(output);
      if (ours !== undefined) throw harnessFault(`the build was stopped by this machine: ${ours.trim()}`);
      if (run.end.kind !== "exited" || run.end.code >= 126)
        throw harnessFault(`"${command}" ended with ${describeEnd(run.end)}`);
      const errors = parseBuildErrors(output, root).map((error) =>
        beforeFixups(inTree(error, tree), tree, fixed.tree),
      );
      const firstError = errors[0]?.message ?? `"${command}" ended with ${describeEnd(run.end)}`;
      return { kind: "failed", firstError, errors };
    },
  };
}

/** A compiler names files from where make called it: the only file of the tree that ends so is the one. */
function inTree(error: BuildError, tree: SourceTree): BuildError {
  if (error.file === undefined) return error;
  const path = posix.normalize(error.file).replace(/^(?:\.\.\/)+/, "");
  const files = tree.has(path) ? [path] : [...tree.keys()].filter((file) => file.endsWith(`/${path}`));
  return { ...error, file: files.length === 1 ? files[0] : error.file };
}
