import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commandFacts } from "../../src/cli/command-facts.js";
import { completionScript } from "../../src/cli/completion.js";
import { buildProgram } from "../../src/cli/main.js";
import { manPage } from "../../src/cli/man-page.js";
import { launcher } from "../launcher/stub-package.js";

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

  it("offers the same in zsh", () => {
    const folder = mkdtempSync(join(tmpdir(), "tarbisect-zsh-"));
    try {
      writeFileSync(join(folder, "_tarbisect"), completionScript("zsh", commands));
      writeFileSync(join(folder, "ask.zsh"), askZsh);
      const inZsh = (line: string): string => {
        const env = { ...process.env, HOME: folder, TERM: "dumb" };
        const text = execFileSync("zsh", ["-f", "ask.zsh", line], {
          cwd: folder,
          env,
          encoding: "utf8",
          timeout: 50_000,
        });
        return text.split("\n").find((one) => one.startsWith("LINE:")) ?? text;
      };
      // What is the only one is put into the line.
      expect(inZsh("tarbisect sus")).toBe("LINE:tarbisect suspects ");
      expect(inZsh("tarbisect lab u")).toBe("LINE:tarbisect lab up ");
      expect(inZsh("tarbisect report --format mar")).toBe("LINE:tarbisect report --format markdown ");
      expect(inZsh("tarbisect split check --ti")).toBe("LINE:tarbisect split check --times ");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("is put where a shell looks for it by the commands that --help shows", () => {
    const folder = mkdtempSync(join(tmpdir(), "tarbisect-help-"));
    try {
      mkdirSync(join(folder, "bin"));
      symlinkSync(launcher, join(folder, "bin/tarbisect"));
      mkdirSync(join(folder, ".config/fish/completions"), { recursive: true });
      const env = {
        ...process.env,
        HOME: folder,
        PATH: `${folder}/bin:${process.env.PATH}`,
        MANPAGER: "cat",
      };
      const run = (shell: string, line: string): string =>
        execFileSync(shell, ["-c", line], { cwd: folder, env, encoding: "utf8" });
      const lines = run("sh", "tarbisect completion --help").match(/^ {2}.*tarbisect completion .+$/gm)!;
      const [bash, zsh, fish, man] = lines.map((line) => line.trim());
      expect(run("bash", `${bash!}; complete -p tarbisect`)).toContain("-F _tarbisect tarbisect");
      run("zsh", `fpath=(.); ${zsh!}`);
      run("sh", fish!);
      expect(readdirSync(folder)).toContain("_tarbisect");
      expect(readdirSync(join(folder, ".config/fish/completions"))).toEqual(["tarbisect.fish"]);
      expect(run("sh", man!)).toMatch(/TARBISECT\(1\).*\n(?:.*\n)*.*tarbisect report/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** A zsh in a terminal of its own: the line with what Tab made of it. */
const askZsh = `zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'PS1=; RPS1=; unsetopt beep; fpath=($HOME $fpath); autoload -U compinit; compinit -u -D; print rea""dy'
while zpty -r shell line; do [[ $line == *ready* ]] && break; done
zpty -w shell 'tell() { print -r -- "LINE:$BUFFER"; zle kill-buffer }; zle -N tell; bindkey "^X" tell; print boun""d'
while zpty -r shell line; do [[ $line == *bound* ]] && break; done
zpty -w -n shell "$1"$'\t\x18'
while zpty -r shell line; do [[ $line == *LINE:* ]] && break; done
print -r -- "LINE:\${\${line#*LINE:}%$'\r\n'}"
zpty -d shell
`;

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
