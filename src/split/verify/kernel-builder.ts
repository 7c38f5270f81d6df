// Builds trees of a driver as its vendor's make does, against one kernel, one after another in the same folder.
import { realpathSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { buildModule, findModules, readBuildFailure, type BuildHeaders } from "../../build/build-module.js";
import type { BuildError } from "../../build/build-errors.js";
import type { Fixup } from "../../catalog/catalog-shape.js";
import type { Catalog } from "../../catalog/catalog.js";
import { describeEnd } from "../../host/run-command.js";
import { classifyFile } from "../file-class.js";
import type { SourceTree } from "../slot.js";
import { writeCompiler } from "./compiler-cache.js";
import { beforeFixups, TreeFixer } from "./fixed-tree.js";
import { readInnerCalls, runInnerCalls, writeRecorder, type InnerCall } from "./inner-make.js";
import { compilationsIn, dropTexts, markObjects, type Compilation } from "./object-texts.js";
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
  objectsFolder: string;
  /** Further flags for the vendor's own sources. */
  flags?: readonly string[];
  /** Whether each tree is built by the vendor's make and the compiler alone, with nothing kept. */
  isPlain?: boolean;
  /** Called with what each build made, the wanted module first, and the name of what it does. */
  keep?: (code: string, kos: readonly string[]) => Promise<void>;
}

/** A builder in a new folder; what it builds with is written beside the folder. */
export async function kernelBuilder(folder: string, build: KernelBuild): Promise<TreeBuilder> {
  const builder = new KernelBuilder(folder, build);
  await builder.prepare();
  return builder;
}

class KernelBuilder implements TreeBuilder {
  readonly #place;
  readonly #fixups;
  readonly #root;
  readonly #cc;
  #tree: SourceTree = new Map();
  /** How kbuild was called and what it compiled; undefined: the next build is the vendor's whole make. */
  #inner: { calls: InnerCall[]; compilations: Compilation[] } | undefined;
  /** What the last build's module does; undefined when it made none. */
  #code: string | undefined;

  constructor(
    folder: string,
    readonly work: KernelBuild,
  ) {
    this.#place = new TreeFolder(folder);
    this.#root = realpathSync(folder);
    this.#cc = `${this.#root}.cc`;
    this.#fixups = new TreeFixer(work.fixups, work.catalog.sourceFolder);
  }

  async prepare(): Promise<void> {
    const { cc = "gcc", flags = [], objectsFolder, isPlain = false } = this.work;
    await writeCompiler(this.#cc, { cc, folder: objectsFolder, root: this.#root, flags, isPlain });
  }

  async build({ tree }: TreeToBuild, signal: AbortSignal): Promise<Outcome> {
    const fixed = await this.#fixups.fix(tree);
    const changes = changesOf(this.#tree, fixed.tree);
    this.#place.put(fixed.tree);
    this.#tree = fixed.tree;
    const result =
      (await this.#buildObjects(changes, signal)) ?? (await this.#buildAll(fixed.cflags, signal));
    if (result.kind === "failed") {
      this.#code = undefined;
      const at = { sourceFolder: this.work.catalog.sourceFolder, tree, fixed: fixed.tree };
      return { ...result, errors: result.errors.map((error) => inTree(error, at)) };
    }
    if (this.#code !== undefined && result.isSame) return { kind: "built", code: this.#code };
    this.#code = await codeOfModule(result.kos[0]!, signal);
    await this.work.keep?.(this.#code, result.kos);
    return { kind: "built", code: this.#code };
  }

  /** The vendor's make, whose inner calls are noted for the next builds. */
  async #buildAll(cflags: readonly string[], signal: AbortSignal): Promise<Made> {
    const { catalog, isPlain = false } = this.work;
    const [make, notes] = [`${this.#root}.make`, `${this.#root}.notes`];
    await writeRecorder(make, { notes, folder: this.#root });
    const variables = { ...catalog.recipe.variables, MAKE: make };
    const result = await buildModule({
      ...this.work,
      folder: this.#root,
      catalog: { ...catalog, recipe: { ...catalog.recipe, variables } },
      cflags: cflags.map((flag) => flag.replace("FOLDER", this.#root)),
      cc: this.#cc,
      keepsGoing: true,
      signal,
    });
    this.#inner = undefined;
    if (result.kind === "failed") return result;
    const [calls, compilations] = [await readInnerCalls(notes), await compilationsIn(this.#root)];
    if (!isPlain && calls.length > 0 && compilations.length > 0) this.#inner = { calls, compilations };
    return { kind: "built", kos: result.kos, isSame: false };
  }

  /** Only the objects whose text changed, and the link; undefined where that is not enough. */
  async #buildObjects(changes: Changes, signal: AbortSignal): Promise<Made | undefined> {
    if (this.#inner === undefined || changes.isBuild) return undefined;
    const { calls, compilations } = this.#inner;
    const { jobs, timeoutMs, cc = "gcc", catalog } = this.work;
    const paths = new Set(changes.paths.map((path) => join(this.#root, path)));
    const changed = changes.hasNew ? "all" : paths;
    const isStale = await markObjects({ compilations, changed, root: this.#root, cc, jobs, signal });
    if (!isStale && this.#code !== undefined) return { kind: "built", kos: [], isSame: true };
    const { end, output } = await runInnerCalls(calls, { jobs, timeoutMs, signal });
    dropTexts(compilations);
    const source = join(this.#root, catalog.sourceFolder);
    const kos = await findModules(source, catalog.module);
    if (end.kind === "exited" && end.code === 0 && kos.length > 0)
      return { kind: "built", kos, isSame: false };
    const failure = readBuildFailure(output, source, describeEnd(end));
    // What no compiler and no linker said may be this shorter way's own fault.
    return failure.errors.some(({ file }) => file !== undefined) ? failure : undefined;
  }
}

type Made =
  | { kind: "built"; kos: readonly string[]; isSame: boolean }
  | { kind: "failed"; firstError: string; errors: BuildError[] };

interface Changes {
  paths: string[];
  /** Whether a file came that was not there. */
  hasNew: boolean;
  /** Whether something changed that make itself reads. */
  isBuild: boolean;
}

function changesOf(before: SourceTree, after: SourceTree): Changes {
  const paths = [...new Set([...before.keys(), ...after.keys()])].filter((path) => {
    const [was, is] = [before.get(path), after.get(path)];
    return was !== is && (was?.mode !== is?.mode || !was!.content.equals(is!.content));
  });
  const isPlainText = (path: string): boolean =>
    [before.get(path), after.get(path)].every((file) => file === undefined || file.mode !== "120000");
  return {
    paths,
    hasNew: paths.some((path) => !before.has(path)),
    isBuild: paths.some((path) => classifyFile(path) === "build" || !isPlainText(path)),
  };
}

/** An error with the path and line that its text has in the tree. */
function inTree(
  error: BuildError,
  { sourceFolder, tree, fixed }: { sourceFolder: string; tree: SourceTree; fixed: SourceTree },
): BuildError {
  if (error.file === undefined) return error;
  const pathOf = (name: string): string => (isAbsolute(name) ? name : join(sourceFolder, name));
  const file = pathOf(error.file);
  const expandedIn = error.expandedIn?.map((place) => ({ ...place, file: pathOf(place.file) }));
  if (expandedIn) return { ...error, file, expandedIn };
  return beforeFixups({ ...error, file }, tree, fixed);
}
