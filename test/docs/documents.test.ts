// Every command that a document shows is run, and prints what the document says.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { commandFacts } from "../../src/cli/command-facts.js";
import { buildProgram } from "../../src/cli/main.js";
import { packageRoot } from "../../src/host/package-root.js";
import { readSnippets, runSnippets } from "./transcript.js";

const documents = ["README.md", ...readdirSync(join(packageRoot, "docs")).map((name) => `docs/${name}`)];
const folder = mkdtempSync(join(tmpdir(), "tarbisect-docs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const env = {
  ...process.env,
  TARBISECT: packageRoot.replace(/\/$/, ""),
  TARBISECT_CACHE: join(folder, "cache"),
  PATH: `${join(folder, "bin")}:${process.env.PATH}`,
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
};
mkdirSync(join(folder, "bin"));
symlinkSync(join(packageRoot, "bin/tarbisect.js"), join(folder, "bin/tarbisect"));

function read(document: string): string {
  return readFileSync(join(packageRoot, document), "utf8");
}

describe("the commands of", () => {
  it.each(documents)("%s print what it shows", { timeout: 300_000 }, (document) => {
    const work = mkdtempSync(join(folder, "work-"));
    expect(runSnippets(readSnippets(read(document)), work, env)).toEqual([]);
  });

  it.each(documents)("%s exist, with their options", async (document) => {
    const call = {
      env,
      cwd: "/",
      signal: new AbortController().signal,
      out: () => undefined,
      note: () => undefined,
    };
    const facts = commandFacts(await buildProgram(call, () => undefined));
    const shown = [...read(document).matchAll(/(?<=`|\$ |^ {4}|^\s+# )tarbisect ([a-z][^`|\n]*)/gm)].map(
      ([, words]) => words!,
    );
    const unknown = shown.flatMap((text) => {
      const words = text.split(/,?\s+/);
      const command =
        facts.find(
          ({ path }) => path.length > 1 && path.every((word, at) => words[at]?.replace(/,$/, "") === word),
        ) ?? facts.find(({ path }) => path.length === 1 && path[0] === words[0]);
      const group = facts.some(({ path }) => path[0] === words[0]);
      if (command === undefined) return group ? [] : [text];
      const options = words.filter((word) => /^--\w/.test(word)).map((word) => word.replace(/[^\w-].*$/, ""));
      return options
        .filter((option) => !command.options.some(({ long }) => long === option))
        .map((o) => `${text}: ${o}`);
    });
    // `stpe` is shown as a mistake.
    expect(unknown.filter((text) => text !== "stpe")).toEqual([]);
  });
});
