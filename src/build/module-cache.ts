// A module that was built once is not built again: a bisect comes back to releases, and a step that was killed or
// repeated finds what it had made. Only what was built is kept; a failure is always tried again.
import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import type { Fixup } from "../catalog/catalog-shape.js";
import type { Catalog } from "../catalog/catalog.js";

/** Everything that decides what comes out of a build. */
export interface ModuleRecipe {
  /** git's id of the commit's tree. */
  tree: string;
  catalog: Pick<Catalog, "sourceFolder" | "module" | "recipe">;
  /** Kernel release, and what tells two builds of one release apart. */
  kernel: string;
  headers: string;
  /** The compiler's own first line. */
  compiler: string;
  fixups: readonly Fixup[];
}

const listName = "modules.json";

/** The recipe of a catalog's build: whoever makes one for the same build names the same entry. */
export function moduleRecipe(
  { sourceFolder, module, recipe }: ModuleRecipe["catalog"],
  at: Omit<ModuleRecipe, "catalog">,
): ModuleRecipe {
  const { tree, kernel, headers, compiler, fixups } = at;
  return { tree, catalog: { sourceFolder, module, recipe }, kernel, headers, compiler, fixups };
}

/** 32 hex digits that two recipes share only when all of them is equal. */
export function recipeKey(recipe: ModuleRecipe): string {
  return createHash("sha256").update(JSON.stringify(recipe)).digest("hex").slice(0, 32);
}

/** The files of an earlier build by the same recipe, the wanted module first; undefined when there was none. */
export async function findCachedModules(
  cacheFolder: string,
  recipe: ModuleRecipe,
): Promise<string[] | undefined> {
  const folder = folderOf(cacheFolder, recipe);
  const list = await readFile(join(folder, listName), "utf8").catch(() => undefined);
  if (list === undefined) return undefined;
  await utimes(folder, new Date(), new Date()).catch(() => undefined); // when it was used, for `cache clean`
  const paths = (JSON.parse(list) as string[]).map((name) => join(folder, name));
  return paths.every((path) => existsSync(path)) ? paths : undefined;
}

/** Keeps built modules, whole or not at all, and gives their paths in the cache. */
export async function cacheModules(
  cacheFolder: string,
  recipe: ModuleRecipe,
  kos: readonly string[],
): Promise<string[]> {
  const folder = folderOf(cacheFolder, recipe);
  await mkdir(join(folder, ".."), { recursive: true });
  const part = await mkdtemp(`${folder}.part-`);
  try {
    const names = [...new Set(kos.map((ko) => basename(ko)))];
    for (const name of names)
      await copyFile(
        kos.find((ko) => basename(ko) === name)!,
        join(part, name),
      );
    await writeFile(join(part, "recipe.json"), `${JSON.stringify(recipe, null, 2)}\n`);
    await writeFile(join(part, listName), JSON.stringify(names));
    await rm(folder, { recursive: true, force: true });
    await rename(part, folder).catch((error: unknown) => {
      if (!existsSync(join(folder, listName))) throw error; // another step was quicker with the same
    });
    return names.map((name) => join(folder, name));
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

function folderOf(cacheFolder: string, recipe: ModuleRecipe): string {
  return join(cacheFolder, "modules", recipeKey(recipe));
}
