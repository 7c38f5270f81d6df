// What a kernel's headers say of a name: the declarations that hold it, read with the project's own reader of C.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { harnessFault } from "../fault/fault.js";
import { runCommand } from "../host/run-command.js";
import { readSource, type Unit, type UnitKind } from "../source/source-file.js";
import type { BuildHeaders } from "./build-module.js";

export interface HeaderDeclaration {
  /** Below the kernel's sources: include/linux/netdevice.h. */
  file: string;
  kind: UnitKind;
  /** Of the declaration that holds the name: its own, or the struct's or enum's around it. */
  name: string;
  /** Without its body when it is a function. */
  head: string;
  /** Of a function or a macro. */
  body: string | undefined;
}

/** Where kernels keep what a driver may include; the lab's and the demo's architecture is x86. */
const folders = ["include", "arch/x86/include"];
const mostFiles = 60;

/** Every declaration that holds `name` as a word: its own ones first. Harness fault: the headers can't be read. */
export async function findDeclarations(
  headers: Pick<BuildHeaders, "sourceFolder" | "release">,
  name: string,
  signal?: AbortSignal,
): Promise<HeaderDeclaration[]> {
  const cwd = headers.sourceFolder;
  const present = folders.filter((folder) => existsSync(join(cwd, folder)));
  const argv = ["grep", "-rlwF", "--include=*.h", "--", name, ...present];
  const run = await runCommand(argv, { cwd, timeoutMs: 120_000, ...(signal && { signal }) });
  if (run.end.kind !== "exited" || run.end.code > 1)
    throw harnessFault(`the headers of ${headers.release} can't be searched: ${run.stderr.trim()}`);
  const files = run.stdout
    .toString()
    .split("\n")
    .filter((file) => file !== "")
    .sort(byPlace)
    .slice(0, mostFiles);
  const found: HeaderDeclaration[] = [];
  for (const file of files)
    found.push(...declarationsIn(await readFile(join(cwd, file), "utf8"), file, name));
  return found.sort((a, b) => Number(b.name === name) - Number(a.name === name));
}

/** The functions and macros of some headers, as far as they are there. */
export async function functionsOf(
  { sourceFolder }: Pick<BuildHeaders, "sourceFolder">,
  files: readonly string[],
): Promise<HeaderDeclaration[]> {
  const texts = await Promise.all(
    files.map((file) => readFile(join(sourceFolder, file), "utf8").catch(() => "")),
  );
  return texts.flatMap((text, at) =>
    readSource(text, files[at]!).units.flatMap((unit): HeaderDeclaration[] =>
      unit.kind === "function" || unit.kind === "prototype" || unit.kind === "macro"
        ? [{ file: files[at]!, kind: unit.kind, name: unit.name, ...headAndBody(unit, text) }]
        : [],
    ),
  );
}

/** Headers with the last part of this path, as an #include would name them: "linux/unaligned.h". */
export async function findHeader(
  { sourceFolder }: Pick<BuildHeaders, "sourceFolder">,
  path: string,
): Promise<string[]> {
  const run = await runCommand(
    ["find", "include/linux", "include/net", "include/uapi/linux", "-name", basename(path)],
    { cwd: sourceFolder, timeoutMs: 60_000 },
  );
  return run.stdout
    .toString()
    .split("\n")
    .filter((file) => file !== "")
    .map((file) => file.replace(/^include\/(?:uapi\/)?/, ""))
    .sort();
}

/** include/linux and include/net hold most of what drivers use. */
function byPlace(a: string, b: string): number {
  const rank = (file: string): number => (/^include\/(?:linux|net)\/[^/]+$/.test(file) ? 0 : 1);
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}

/** Of one header: units of that name, and structs, unions and enums with the name inside. */
export function declarationsIn(text: string, file: string, name: string): HeaderDeclaration[] {
  const word = new RegExp(`\\b${name}\\b`);
  return readSource(text, file).units.flatMap((unit): HeaderDeclaration[] => {
    const whole = text.slice(unit.span.startOffset, unit.span.endOffset);
    const holds =
      unit.name === name ||
      ((unit.kind === "struct" || unit.kind === "union" || unit.kind === "enum") && word.test(whole));
    if (!holds || unit.kind === "include" || unit.kind === "invocation") return [];
    return [{ file, kind: unit.kind, name: unit.name, ...headAndBody(unit, text) }];
  });
}

function headAndBody(unit: Unit, text: string): { head: string; body: string | undefined } {
  const { span, bodySpan } = unit;
  if (unit.kind === "macro") {
    const whole = text.slice(span.startOffset, span.endOffset).replace(/\\\n/g, " ");
    const [, head, body] = /^\s*#\s*define\s+(\w+(?:\([^)]*\))?)\s*([^]*)$/.exec(whole) ?? [];
    return { head: oneLine(head ?? whole), body: oneLine(body ?? "") };
  }
  if (unit.kind !== "function" || bodySpan === undefined)
    return { head: oneLine(text.slice(span.startOffset, span.endOffset)), body: undefined };
  return {
    head: oneLine(text.slice(span.startOffset, bodySpan.startOffset)),
    body: oneLine(text.slice(bodySpan.startOffset, bodySpan.endOffset)),
  };
}

function oneLine(text: string): string {
  return text
    .replace(/\/\*[^]*?\*\/|\/\/[^\n]*/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}
