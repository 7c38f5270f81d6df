// Every command that a document shows is run, and prints what the document says.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { afterAll, describe, expect, it } from "vitest";
import { commandFacts } from "../../src/cli/command-facts.js";
import { buildProgram } from "../../src/cli/main.js";
import { settingsShape } from "../../src/cli/settings-shape.js";
import { cacheFolder } from "../../src/host/cache-folder.js";
import { packageRoot } from "../../src/host/package-root.js";
import { commandsRun, isInstanceOf, shownInText } from "./shown-commands.js";
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
// Kernels are large, so they are kept where every command of this checkout keeps them.
const kernels = join(cacheFolder(process.env), "kernels");
mkdirSync(kernels, { recursive: true });
mkdirSync(join(folder, "cache"));
symlinkSync(kernels, join(folder, "cache/kernels"));

function read(document: string): string {
  return readFileSync(join(packageRoot, document), "utf8");
}

describe("the commands of", () => {
  it.each(documents)("%s print what it shows", { timeout: 300_000 }, (document) => {
    const work = mkdtempSync(join(folder, "work-"));
    expect(runSnippets(readSnippets(read(document)), work, env)).toEqual([]);
  });

  // Those that another test runs carry its name (<!-- by: NAME -->); it asks for them by that name.
  const run = documents.flatMap((document) => commandsRun(readSnippets(read(document))));

  it.each(documents)("%s that stand in its text and tables are such as are run", (document) => {
    const shown = shownInText(read(document));
    expect(shown.filter((text) => !run.some((command) => isInstanceOf(command, text)))).toEqual([]);
  });

  it("all documents are all that there are", async () => {
    const call = {
      env,
      cwd: "/",
      signal: new AbortController().signal,
      out: () => undefined,
      note: () => undefined,
    };
    const facts = commandFacts(await buildProgram(call, () => undefined));
    const notShown = facts.filter(
      ({ path }) => !run.some((command) => isInstanceOf(command, `tarbisect ${path.join(" ")}`)),
    );
    // Of a lab the documents show what a first look needs.
    expect(notShown.map(({ path }) => path.join(" "))).toEqual(["lab console", "lab power", "lab kernels"]);
  });
});

it.each(documents)("the settings that %s shows are settings", (document) => {
  const hosts = Object.fromEntries(
    ["server", "peer", "peer1", "peer2", "monitor"].map((name) => [name, { ssh: name }]),
  );
  const [target, ...peers] = Object.keys(hosts);
  const around = { driver: "igb", hosts, target, peers, stress: { run: "true" } };
  const blocks = [...read(document).matchAll(/(?:^ {4}.*\n|^\n)+/gm)]
    .map(([block]) => block.replace(/^ {4}/gm, ""))
    .filter((block) => !/^\$ /m.test(block) && /^(?:# .*\n|\n)*(?:driver|hosts|stress|server):/.test(block))
    .flatMap((block) => block.split(/\n\n(?=# )/));
  for (const block of blocks) {
    const { server, ...shown } = parse(block) as Record<string, unknown>;
    const own = server === undefined ? {} : { hosts: { ...hosts, server } };
    const checked = settingsShape.safeParse({ ...around, ...own, ...shown });
    expect([block, checked.error?.issues ?? []]).toEqual([block, []]);
  }
  expect(blocks.length).toBe({ "README.md": 5 }[document] ?? 0);
});
