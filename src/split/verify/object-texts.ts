// The text that each object is compiled from, without make: an object whose text is as before need not be made anew,
// whatever changed in the headers that it came from.
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { runCommand } from "../../host/run-command.js";

/** How one object is compiled, as the compiler of compiler-cache.ts noted it. */
export interface Compilation {
  object: string;
  /** Where the compiler was called; other paths can be relative to it. */
  cwd: string;
  source: string;
  flags: string[];
}

export interface TextWork {
  compilations: readonly Compilation[];
  /** Absolute paths of files that are not what they were; "all" when a file came that includes could now find. */
  changed: ReadonlySet<string> | "all";
  /** The folder that is built in. */
  root: string;
  cc: string;
  jobs: number;
  signal: AbortSignal;
}

/** The compilations of all objects below a folder. */
export async function compilationsIn(folder: string): Promise<Compilation[]> {
  const names = await readdir(folder, { recursive: true });
  return names
    .filter((name) => name.endsWith(".o.args"))
    .sort()
    .map((name) => {
      const [cwd = "", source = "", ...flags] = readFileSync(join(folder, name), "utf8").split("\0");
      return { object: join(folder, name.slice(0, -".args".length)), cwd, source, flags: flags.slice(0, -1) };
    });
}

/** Makes what is up to date look so to make, and takes away every other object; whether any was taken away. */
export async function markObjects(work: TextWork): Promise<boolean> {
  const waiting = work.compilations.filter((compilation) => isAffected(compilation, work.changed));
  let isStale = false;
  const next = async (): Promise<void> => {
    for (let each = waiting.pop(); each !== undefined; each = waiting.pop())
      if (await mark(each, work)) isStale = true;
  };
  await Promise.all(Array.from({ length: work.jobs }, next));
  return isStale;
}

/** Takes away texts that no compiler came to. */
export function dropTexts(compilations: readonly Compilation[]): void {
  for (const { object } of compilations)
    for (const kind of ["i", "key"]) rmSync(`${object}.${kind}`, { force: true });
}

function isAffected({ object, cwd, source }: Compilation, changed: TextWork["changed"]): boolean {
  if (changed === "all" || changed.has(resolve(cwd, source)) || !isMade(object)) return true;
  if (!existsSync(`${object}.deps`)) return true;
  const files = readFileSync(`${object}.deps`, "utf8").split(/[\s\\]+/);
  return files.some((file) => changed.has(resolve(cwd, file)));
}

function isMade(object: string): boolean {
  return existsSync(object) && existsSync(`${object}.text`);
}

async function mark(compilation: Compilation, work: TextWork): Promise<boolean> {
  const { object } = compilation;
  const key = await textKey(compilation, work);
  if (key !== undefined && isMade(object) && readFileSync(`${object}.text`, "utf8").trim() === key) {
    const now = new Date();
    utimesSync(object, now, now);
    rmSync(`${object}.i`, { force: true });
    return false;
  }
  if (key !== undefined) writeFileSync(`${object}.key`, key);
  for (const stale of [object, `${object}.text`]) rmSync(stale, { force: true });
  return true;
}

/** Preprocesses a source and names the text as the compiler of compiler-cache.ts does; undefined when it can't be. */
async function textKey(
  { object, cwd, source, flags }: Compilation,
  { cc, root, signal }: TextWork,
): Promise<string | undefined> {
  const text = `${object}.i`;
  const argv = [cc, ...flags, source, "-E", "-o", text];
  const { end } = await runCommand(argv, { cwd, signal, timeoutMs: 300_000 });
  if (end.kind !== "exited" || end.code !== 0) {
    rmSync(text, { force: true });
    return undefined;
  }
  const deps = flags.map((flag) => /^-Wp,-MM?D,(.*)$/.exec(flag)?.[1]).find((path) => path !== undefined);
  if (deps !== undefined) copyFileSync(resolve(cwd, deps), `${object}.deps`);
  return nameText(readFileSync(`${object}.args`), readFileSync(text), root);
}

/** The sum of both without line markers, blank lines and the name of the folder; texts have megabytes. */
function nameText(args: Buffer, text: Buffer, root: string): string {
  const kept = Buffer.concat([args, text]);
  let [to, from] = [args.length, args.length];
  while (from < kept.length) {
    const end = kept.indexOf(10, from) + 1 || kept.length;
    if (!isNoCode(kept, from, end)) {
      kept.copyWithin(to, from, end);
      to += end - from;
    }
    from = end;
  }
  const sum = createHash("sha256");
  const bare = kept.subarray(0, to);
  let at = 0;
  for (let found = bare.indexOf(root); found >= 0; found = bare.indexOf(root, at)) {
    sum.update(bare.subarray(at, found)).update(".");
    at = found + root.length;
  }
  return sum.update(bare.subarray(at)).digest("hex");
}

/** A line marker, or blanks alone, with its line end. */
function isNoCode(bytes: Buffer, from: number, end: number): boolean {
  if (bytes[end - 1] !== 10) return false;
  if (bytes[from] === 35 && bytes[from + 1] === 32) return true;
  let at = from;
  while (bytes[at] === 32) at++;
  return at === end - 1;
}
