import type { Tree } from "../history/trees.js";

/** The paths of a tree whose content another tree doesn't have at the same path; `path` keeps one folder or file. */
export function differing(tree: Tree, other: Tree, path?: string): string[] {
  return [...tree.files].flatMap(([name, { id }]) =>
    other.files.get(name)?.id !== id && isUnder(name, path) ? [name] : [],
  );
}

/** Whether a path is that of a folder or file, or lies in that folder. */
export function isUnder(name: string, path: string | undefined): boolean {
  if (path === undefined) return true;
  const folder = path.replace(/^\.\//, "").replace(/\/+$/, "");
  return folder === "" || folder === "." || name === folder || name.startsWith(`${folder}/`);
}
