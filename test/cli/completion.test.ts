import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commandFacts } from "../../src/cli/command-facts.js";
import { completionScript } from "../../src/cli/completion.js";
import { buildProgram } from "../../src/cli/main.js";
import { manPage } from "../../src/cli/man-page.js";

const call = {
  env: {},
  cwd: "/",
  signal: new AbortController().signal,
  out: () => undefined,
  note: () => undefined,
};
const commands = commandFacts(await buildProgram(call, () => undefined));

it("each command is loaded alone, under the name that it has among all", async () => {
  const names = [...new Set(commands.map(({ path }) => path[0]!))].filter((name) => name !== "completion");
  for (const name of names) {
    const alone = await buildProgram(call, () => undefined, name);
    expect(alone.commands.map((command) => command.name())).toEqual([name]);
  }
  const unknown = await buildProgram(call, () => undefined, "constructor");
  expect(unknown.commands.length).toBe(names.length + 1);
});

/** What bash offers for the last of these words. */
function offered(...words: string[]): string[] {
  const script = `${completionScript("bash", commands)}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tarbisect; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const text = execFileSync("bash", ["--norc", "-c", script, "bash", "tarbisect", ...words], {
    encoding: "utf8",
    cwd: "/",
  });
  return text.split("\n").filter((line) => line !== "");
}

describe("completion in a real bash", () => {
  it("offers commands, the commands inside one, options and the values of an option", () => {
    expect(offered("")).toEqual([...new Set(commands.map(({ path }) => path[0]))]);
    expect(offered("sus")).toEqual(["suspects"]);
    expect(offered("lab", "u")).toEqual(["up"]);
    expect(offered("diff", "a", "b", "--fu")).toEqual(["--function"]);
    expect(offered("diff", "a", "b", "--format", "")).toEqual(["text", "markdown", "html", "json"]);
    expect(offered("cache", "clean", "--h")).toEqual(["--help"]);
    expect(offered("split", "c")).toEqual(["check"]);
    expect(offered("split", "a", "b", "--no-v")).toEqual(["--no-verify"]);
    expect(offered("split", "check", "--ti")).toEqual(["--times"]);
  });
});

describe("completion in other real shells", () => {
  it("offers the same in fish, releases among it", () => {
    const folder = mkdtempSync(join(tmpdir(), "tarbisect-fish-"));
    try {
      const git = (...args: string[]): unknown => execFileSync("git", args, { cwd: folder });
      git("init", "-q");
      git("-c", "user.name=x", "-c", "user.email=x@x", "commit", "-q", "--allow-empty", "-m", "x");
      git("tag", "v1.2.3");
      writeFileSync(join(folder, "tarbisect.fish"), completionScript("fish", commands));
      const inFish = (line: string): string[] => {
        const ask = `source tarbisect.fish; complete -C ${JSON.stringify(line)}`;
        const env = { ...process.env, HOME: folder };
        const text = execFileSync("fish", ["--no-config", "-c", ask], { cwd: folder, env, encoding: "utf8" });
        return text.split("\n").flatMap((one) => (one === "" ? [] : [one.split("\t")[0]!]));
      };
      expect(inFish("tarbisect sus")).toEqual(["suspects"]);
      expect(inFish("tarbisect diff v1")).toEqual(["v1.2.3"]);
      expect(inFish("tarbisect report --format ma")).toEqual(["mail", "markdown"]);
      expect(inFish("tarbisect split --no-v")).toEqual(["--no-verify"]);
      expect(inFish("tarbisect split check --no-v")).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("is read by zsh", () => {
    expect(execFileSync("zsh", ["-fn"], { input: completionScript("zsh", commands), encoding: "utf8" })).toBe(
      "",
    );
  });
});

describe("what is made from the command definitions", () => {
  it.each(["bash", "zsh", "fish"] as const)("holds every command and option for %s", (shell) => {
    const script = completionScript(shell, commands);
    for (const { path, options } of commands) {
      for (const word of path) expect(script).toContain(word);
      for (const { long } of options)
        expect(script).toContain(shell === "fish" ? `-l ${long!.slice(2)} ` : long);
    }
  });

  it("is a man page in which no text is read as a request", () => {
    const page = manPage({
      description: "d",
      version: "1",
      commands: [{ path: ["x"], usage: "x", description: ".so /etc/passwd \\n-y", options: [] }, ...commands],
    });
    expect(page).toContain("\n\\&.so /etc/passwd \\en\\-y.\n");
    for (const { usage } of commands)
      expect(page).toContain(`.SS tarbisect ${usage.replaceAll("-", "\\-")}\n`);
    const requests = new Set(page.split("\n").flatMap((line) => /^\.(\w+)/.exec(line)?.[1] ?? []));
    expect([...requests].sort()).toEqual(["B", "BR", "I", "RI", "SH", "SS", "TH", "TP"]);
  });
});
