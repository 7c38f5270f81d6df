// The commands that stand in a document's sentences and tables, and whether one that is run is such a command.
import type { Snippet } from "./transcript.js";

/** Every `tarbisect ...` between backquotes, and on a line of a code block; "lab up, status" are two. */
export function shownInText(markdown: string): string[] {
  const found = [...markdown.matchAll(/(?<=`|^ {4})tarbisect ([a-z][^`\n]*)/gm)].map(([, words]) => words!);
  // What a transcript prints begins with the program's name and a colon.
  return found.flatMap((words) => {
    const [first, ...others] = words.replace(/\\\|.*/, "").split(", ");
    const group = first!.split(" ").length === 2 && others.length > 0 ? `${first!.split(" ")[0]} ` : "";
    return [first!, ...others.filter((one) => one !== "...").map((one) => `${group}${one}`)].map(
      (one) => `tarbisect ${one}`,
    );
  });
}

/** Those of transcripts, one by one, and the one that git bisect run runs. */
export function commandsRun(snippets: readonly Snippet[]): string[] {
  return snippets
    .flatMap((snippet) => (snippet.kind === "transcript" ? snippet.commands : []))
    .flatMap(({ command }) => command.split(/ && |; | \| /))
    .map((command) => command.replace(/^(?:\w+=\S+ )*(?:git bisect run )?/, ""))
    .filter((command) => command.startsWith("tarbisect "));
}

/**
 * Whether a command has the words of a shown one in their order, more between them: a word that begins with a capital
 * stands for any, and what is in brackets may be left out.
 */
export function isInstanceOf(command: string, shown: string): boolean {
  const words = command.split(/\s+/);
  let at = 0;
  for (const wanted of shown
    .replace(/\[[^\]]*\]/g, "")
    .trim()
    .split(/\s+/)) {
    const isAny = /^[A-Z]/.test(wanted);
    const next = words.findIndex((word, place) => place >= at && (isAny || word === wanted));
    if (next < 0 || (isName(shown, wanted) && next !== at)) return false;
    at = next + 1;
  }
  return true;
}

/** The program and its command stand first. */
function isName(shown: string, word: string): boolean {
  return shown.split(/\s+/).slice(0, 2).includes(word);
}
