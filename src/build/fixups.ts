// What the catalog knows a release to need before it builds on a kernel, applied to a copy of the release.
import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import type { Fixup } from "../catalog/catalog-shape.js";
import { inRange } from "../catalog/range.js";
import { harnessFault } from "../fault/fault.js";
import { runCommand } from "../host/run-command.js";

export interface AppliedFixup {
  fixup: Fixup;
  /** Paths in the source folder that changed; none when the fixup found nothing to do, which `problem` tells. */
  files: string[];
  problem: string | undefined;
  /** Compiler flags that the build needs for it. */
  cflags: string[];
}

/**
 * The fixups that a release (its version) needs on a kernel (uname -r), in the catalog's order; of several releases what
 * any of them needs, since a commit between two holds a part of each.
 */
export function fixupsFor(
  catalog: { fixups: readonly Fixup[] },
  releases: string | readonly string[],
  kernel: string,
): Fixup[] {
  const versions = typeof releases === "string" ? [releases] : releases;
  return catalog.fixups.filter(
    (fixup) => versions.some((version) => inRange(version, fixup.releases)) && inRange(kernel, fixup.kernels),
  );
}

/**
 * Applies fixups to a source folder, which must be a copy. One that matches nothing is no fault: it is told in
 * `problem`, and the build shows whether it was needed. Nothing outside the folder is read or written.
 */
export async function applyFixups(folder: string, fixups: readonly Fixup[]): Promise<AppliedFixup[]> {
  const root = await realpath(folder);
  const applied: AppliedFixup[] = [];
  for (const [index, fixup] of fixups.entries()) applied.push(await applyOne(root, fixup, index));
  return applied;
}

async function applyOne(root: string, fixup: Fixup, index: number): Promise<AppliedFixup> {
  switch (fixup.kind) {
    case "sed": {
      const files = await editFiles(root, fixup.files, fixup.expression);
      const problem =
        files.length > 0 ? undefined : `"${fixup.expression}" changes nothing in ${fixup.files.join(", ")}`;
      return { fixup, files, problem, cflags: [] };
    }
    case "patch":
      return { fixup, cflags: [], ...(await patchFiles(root, fixup.patch)) };
    case "include": {
      const name = `tarbisect-fixup-${index}.h`;
      await writeFile(join(root, name), fixup.header);
      return { fixup, files: [name], problem: undefined, cflags: ["-include", join(root, name)] };
    }
  }
}

async function editFiles(root: string, patterns: readonly string[], expression: string): Promise<string[]> {
  const changed: string[] = [];
  for (const file of await matchingFiles(root, patterns)) {
    const path = join(root, file);
    const before = await readFile(path);
    const run = await runCommand(["sed", "-E", "--sandbox", "-e", expression], {
      stdin: before,
      timeoutMs: 60_000,
    });
    if (run.end.kind !== "exited" || run.end.code !== 0)
      throw harnessFault(`the fixup "${expression}" is not understood by sed: ${run.stderr.trim()}`);
    if (run.stdout.equals(before)) continue;
    await writeFile(path, run.stdout);
    changed.push(file);
  }
  return changed;
}

/** Regular files only: a link that the archive planted could lead out of the folder. */
async function matchingFiles(root: string, patterns: readonly string[]): Promise<string[]> {
  const tests = patterns.map(globTest);
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((file) => tests.some((test) => test.test(file)))
    .sort();
}

function globTest(pattern: string): RegExp {
  const literal = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literal.join("[^/]*")}$`);
}

async function patchFiles(
  root: string,
  patch: string,
): Promise<{ files: string[]; problem: string | undefined }> {
  const files = await patchedFiles(root, patch);
  const scratch = await mkdtemp(join(tmpdir(), "tarbisect-patch-"));
  try {
    const input = join(scratch, "fixup.patch");
    await writeFile(input, patch);
    const argv = [
      "patch",
      "-p1",
      "--batch",
      "--forward",
      "--no-backup-if-mismatch",
      "--dry-run",
      "-i",
      input,
    ];
    for (const step of [argv, argv.filter((arg) => arg !== "--dry-run")]) {
      const run = await runCommand(step, { cwd: root, timeoutMs: 60_000 });
      if (run.end.kind !== "exited" || run.end.code !== 0)
        return {
          files: [],
          problem: `the patch does not apply: ${run.stdout.toString().trim().split("\n").join(" | ")}`,
        };
    }
    return { files, problem: undefined };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The paths that a patch names; each must stay inside the folder, also through links that are there. */
async function patchedFiles(root: string, patch: string): Promise<string[]> {
  const names = [...patch.matchAll(/^(?:---|\+\+\+) ([^\t\n]+)/gm)].map((found) => found[1]!.trimEnd());
  const paths = new Set<string>();
  for (const name of names.filter((path) => path !== "/dev/null")) {
    const path = name.split("/").slice(1).join("/");
    const real = await realpath(join(root, path)).catch(() => join(root, path));
    if (name.startsWith("/") || path.split("/").includes("..") || !real.startsWith(root + sep))
      throw harnessFault(`the fixup's patch names "${name}", which is outside the source folder`);
    paths.add(path);
  }
  return [...paths];
}
