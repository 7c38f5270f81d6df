// A document's commands as a test runs them. A code block with lines that begin with "$ " is a transcript: a command, and
// what it prints. "..." stands for any lines when it is alone, else for any text; "(exit code N)" ends what a command
// that fails prints. An HTML comment before a block says otherwise: <!-- file: NAME --> is written to that file,
// <!-- by: NAME --> is run by another test.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

export interface ShownCommand {
  line: number;
  command: string;
  output: string[];
}

export type Snippet =
  | { kind: "file"; name: string; text: string }
  | { kind: "transcript"; by: string | undefined; commands: ShownCommand[] };

/** A document's files and transcripts, in its order; other code blocks are left out. */
export function readSnippets(markdown: string): Snippet[] {
  const lines = markdown.split("\n");
  const snippets: Snippet[] = [];
  let note: { word: string; value: string } | undefined;
  for (let at = 0; at < lines.length;) {
    const line = lines[at]!;
    const fence = /^```\w*$/.test(line);
    if (!fence && !/^ {4}\S/.test(line)) {
      const [, word, value] = /^<!-- (file|by): (\S+) -->$/.exec(line) ?? [];
      if (word !== undefined && value !== undefined) note = { word, value };
      else if (line.trim() !== "") note = undefined;
      at++;
      continue;
    }
    const first = fence ? at + 1 : at;
    let end = first;
    while (end < lines.length && (fence ? lines[end] !== "```" : /^( {4}|\s*$)/.test(lines[end]!))) end++;
    const block = lines.slice(first, end).map((text) => (fence ? text : text.slice(4)));
    if (note?.word === "file")
      snippets.push({ kind: "file", name: note.value, text: `${block.join("\n")}\n` });
    else if (block.some((text) => text.startsWith("$ ")))
      snippets.push({ kind: "transcript", by: note?.value, commands: commandsOf(block, first + 1) });
    note = undefined;
    at = fence ? end + 1 : end;
  }
  return snippets;
}

function commandsOf(block: readonly string[], firstLine: number): ShownCommand[] {
  const commands: ShownCommand[] = [];
  block.forEach((text, at) => {
    if (text.startsWith("$ ")) commands.push({ line: firstLine + at, command: text.slice(2), output: [] });
    else if (text.trim() !== "") commands.at(-1)?.output.push(text);
  });
  return commands;
}

/** Runs a document's transcripts in a folder, in order; the lines that did not print what they show, in words. */
export function runSnippets(snippets: readonly Snippet[], folder: string, env: NodeJS.ProcessEnv): string[] {
  const wrong: string[] = [];
  let cwd = folder;
  for (const snippet of snippets) {
    if (snippet.kind === "file") {
      const path = resolve(cwd, snippet.name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, snippet.text);
    } else if (snippet.by === undefined)
      for (const shown of snippet.commands) {
        const moved = /^cd (\S+)$/.exec(shown.command)?.[1];
        if (moved !== undefined) {
          cwd = join(cwd, moved);
          if (!existsSync(cwd)) return [...wrong, `line ${shown.line}: there is no ${cwd}`];
        } else wrong.push(...difference(shown, cwd, env));
      }
  }
  return wrong;
}

function difference({ line, command, output }: ShownCommand, cwd: string, env: NodeJS.ProcessEnv): string[] {
  const { status, stdout } = spawnSync("sh", ["-c", `exec 2>&1\n${command}`], { cwd, env, encoding: "utf8" });
  const code = /^\(exit code (\d+)\)$/.exec(output.at(-1) ?? "")?.[1];
  const expected = code === undefined ? output : output.slice(0, -1);
  if (status === Number(code ?? 0) && matches(expected, stdout)) return [];
  return [`line ${line}: ${command}\nexit code ${status}\n${stdout}`];
}

/** Whether an output is what a document shows of it. */
export function matches(expected: readonly string[], output: string): boolean {
  const pattern = expected
    .map((line) => (line === "..." ? "(?:[^\\n]*\\n)*" : `${linePattern(line)}\\n`))
    .join("");
  return new RegExp(`^${pattern}$`).test(
    output.replace(/[ \t]+$/gm, "").replace(/\n*$/, output === "" ? "" : "\n"),
  );
}

/** A line of a document as a pattern. */
export function linePattern(line: string): string {
  return line
    .trimEnd()
    .split("...")
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("[^\\n]*");
}

/** What documents show of another run: the commands and lines that its output, with a "$ " before each command, has not. */
export function missingFrom(output: string, commands: readonly ShownCommand[]): string[] {
  const parts = output.split(/^\$ /m).slice(1);
  return commands.flatMap(({ line, command, output: expected }) => {
    if (command.startsWith("cd ")) return [];
    const part = parts.find((text) => new RegExp(`^${linePattern(command)}\\n`).test(text));
    if (part === undefined) return [`line ${line}: ${command}`];
    const pattern = expected.filter((shown) => shown !== "...").map((shown) => `${linePattern(shown)}\\n`);
    return new RegExp(pattern.join("(?:[^\\n]*\\n)*?"), "m").test(part)
      ? []
      : [`line ${line}: what ${command} prints`];
  });
}
