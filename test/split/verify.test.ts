import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Fixup } from "../../src/catalog/catalog-shape.js";
import { splitRepository, type SplitResult } from "../../src/split/split-repository.js";
import { git, repositoryOf, type Files } from "./small-repository.js";

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

const makefile = [
  "prog: main.o ring.o",
  "\t$(CC) -o prog main.o ring.o",
  "%.o: %.c ring.h",
  "\t$(CC) -std=gnu11 -Werror=implicit-function-declaration -Werror=incompatible-pointer-types -c -o $@ $<",
  "",
].join("\n");

/** What no reading of identifiers shows: a type that changes under its users, and a macro that makes names. */
const before: Files = {
  "src/Makefile": makefile,
  "src/ring.h":
    "#define COUNT(name) int name##_count(void)\ntypedef int *slot_t;\nint use(slot_t s);\nCOUNT(old);\n",
  "src/ring.c": '#include "ring.h"\nint use(slot_t s)\n{\n\treturn *s;\n}\nCOUNT(old)\n{\n\treturn 1;\n}\n',
  "src/main.c":
    '#include "ring.h"\nint value;\nint main(void)\n{\n\tint at = 0;\n\n\tat += old_count();\n\treturn use(&value) - at;\n}\nint spare(void)\n{\n\treturn 1;\n}\n',
};
const after: Files = {
  "src/Makefile": makefile,
  "src/ring.h":
    "#define COUNT(name) int name##_count(void)\ntypedef long *slot_t;\nint use(slot_t s);\nCOUNT(young);\n",
  "src/ring.c":
    '#include "ring.h"\n/* reads it */\nint use(slot_t s)\n{\n\treturn (int)*s;\n}\nCOUNT(young)\n{\n\treturn 2;\n}\n',
  "src/main.c":
    '#include "ring.h"\nlong value;\nint main(void)\n{\n\tint at = 0;\n\n\tat += young_count();\n\treturn use(&value) - at;\n}\nint spare(void)\n{\n\treturn 2;\n}\n',
};

const request = { old: "v1", new: "v2", branch: "split/v1-to-v2" };
const plan = { kind: "command", command: "make -s -C src", timeoutMs: 120_000 } as const;

function small(): string {
  const folder = repositoryOf({ v1: before, v2: after });
  folders.push(folder);
  return folder;
}

/** Whether each commit of the branch builds from nothing. */
function buildsOf(repository: string, { commits }: SplitResult): boolean[] {
  return commits.map(({ commit }) => {
    const copy = mkdtempSync(join(tmpdir(), "tarbisect-split-test-"));
    folders.push(copy);
    const tar = execFileSync("git", ["archive", commit], { cwd: repository });
    execFileSync("tar", ["-x", "-C", copy], { input: tar });
    try {
      execFileSync("sh", ["-c", plan.command], { cwd: copy, stdio: "pipe" });
      return true;
    } catch {
      return false;
    }
  });
}

describe("split that builds each commit with a command", () => {
  test(
    "each commit builds from nothing, also where only a compiler could tell",
    { timeout: 180_000 },
    async () => {
      const repository = small();
      const result = await splitRepository({ ...request, repository, plan });
      expect(buildsOf(repository, result)).toEqual(result.commits.map(() => true));
      expect(result.commits.length).toBeGreaterThanOrEqual(4);
      expect(result.verified!.failures).toBeGreaterThan(0);
      expect(git(repository, "rev-parse", `${request.branch}^{tree}`)).toBe(
        git(repository, "rev-parse", "v2^{tree}"),
      );
      expect(git(repository, "log", "-1", "--format=%B", request.branch)).toContain(
        'Built with "make -s -C src".',
      );
      const unbuilt = await splitRepository({ ...request, repository, branch: "split/unbuilt" });
      expect(buildsOf(repository, unbuilt)).toContain(false);
    },
  );

  test("the same commits each time, and from what a killed run had built", { timeout: 180_000 }, async () => {
    const [one, two] = [small(), small()];
    const first = await splitRepository({ ...request, repository: one, plan });
    expect((await splitRepository({ ...request, repository: two, plan })).commits).toEqual(first.commits);
    const [state] = readdirSync(join(two, ".tarbisect/split"));
    const outcomes = join(two, ".tarbisect/split", state!, "outcomes.jsonl");
    const lines = readFileSync(outcomes, "utf8").trim().split("\n");
    // A kill can cut a line in two.
    writeFileSync(outcomes, `${lines.slice(0, 3).join("\n")}\n${lines[3]!.slice(0, 20)}`);
    const again = await splitRepository({ ...request, repository: two, plan });
    expect(again.commits).toEqual(first.commits);
    // How many builds there are depends on how far each lane built ahead; none of them is of a tree that was known.
    const built = readFileSync(outcomes, "utf8").match(/(?<=^{"key":")\w+(?=","outcome":.*}$)/gm)!;
    expect(new Set(built).size).toBe(built.length);
    expect(again.verified!.builds).toBeGreaterThan(0);
    expect((await splitRepository({ ...request, repository: two, plan })).verified).toMatchObject({
      builds: 0,
      failures: again.verified!.failures,
    });
  });

  test(
    "a rewritten body needs no repair: values, else and do-while are never cut apart",
    { timeout: 180_000 },
    async () => {
      const body = (statements: string[]): Files => ({
        "src/main.c": `int g(int);\nint f(const char *);\nint main(int a, char **b)\n{\n${statements.join("\tg(0);\n")}\treturn 0;\n}\n`,
      });
      const old = [
        "\tstatic char table[] = {0, 1,\n\t\t2, 3};\n\tf(table);\n",
        "\tif (a > 1)\n\t\tg(1);\n\telse\n\t\tg(2);\n",
        "\tif (a > 2) {\n\t\tg(3);\n\t} else if (a > 3) {\n\t\tg(4);\n\t} else {\n\t\tg(5);\n\t}\n",
        "\tdo {\n\t\tg(6);\n\t} while (g(7));\n",
        "\tif (*b)\n\t\tgoto out;\n\tg(8);\nout:\n\tg(9);\n",
      ];
      const now = [
        "\tf(0);\n",
        "\tif (a > 1)\n\t\tg(2);\n",
        "\tif (a > 2) {\n\t\tg(3);\n\t}\n",
        "\twhile (g(7)) {\n\t\tg(6);\n\t}\n",
        "\tif (*b) {\n\t\tstruct { int a; } one = { 1 };\n\n\t\tg(one.a);\n\t\tg(10);\n\t}\n",
      ];
      const repository = repositoryOf({ v1: body(old), v2: body(now) });
      folders.push(repository);
      const command = "gcc -std=gnu11 -Wall -c -o main.o src/main.c";
      const result = await splitRepository({ ...request, repository, plan: { ...plan, command } });
      expect(result.verified!.failures).toBe(0);
      expect(result.commits.length).toBeGreaterThanOrEqual(5);
    },
  );

  test(
    "two splits at once in one repository: the second one says who is at work",
    { timeout: 180_000 },
    async () => {
      const repository = small();
      const both = [1, 2].map(() => splitRepository({ ...request, repository, plan }));
      // Who only plans waits for no builds.
      const planned = splitRepository({ ...request, repository, branch: "split/planned" });
      const ends = await Promise.allSettled(both);
      expect((await planned).built).toBe("no commit was built");
      expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect(
        String(ends.flatMap((end) => (end.status === "rejected" ? [String(end.reason)] : []))),
      ).toContain(`process ${process.pid} splits in this repository already`);
      // What a killed one left is no lock.
      writeFileSync(join(repository, ".tarbisect/split/lock"), "999999999 1");
      await splitRepository({ ...request, repository, plan });
      expect(existsSync(join(repository, ".tarbisect/split/lock"))).toBe(false);
    },
  );

  test(
    "a command gets the driver's fixups and what the compiler must be told for them",
    { timeout: 180_000 },
    async () => {
      const file = (value: number, more: string): Files => ({
        "src/a.c": `int f(void)\n{\n\told_name(${value});\n\treturn MISSING;\n}\n${more}`,
      });
      const repository = repositoryOf({ v1: file(1, ""), v2: file(2, "int g(void)\n{\n\treturn f();\n}\n") });
      folders.push(repository);
      const command = "gcc -Werror=implicit-function-declaration $TARBISECT_CFLAGS -c -o a.o src/a.c";
      const range = { releases: "*", kernels: "*", reason: "gone" };
      const fixups: Fixup[] = [
        { kind: "sed", ...range, files: ["*.c"], expression: "s/old_name/new_name/" },
        { kind: "include", ...range, header: "#define MISSING 0\nvoid new_name(int);\n" },
      ];
      const fixed = { ...plan, command, fixes: { fixups, sourceFolder: "src" } };
      const result = await splitRepository({ ...request, repository, plan: fixed });
      expect(result.verified!.failures).toBe(0);
      expect(result.commits).toHaveLength(2);
      const bare = splitRepository({ ...request, repository, plan: { ...plan, command } });
      await expect(bare).rejects.toThrow("v1 itself does not build");
    },
  );

  test("nothing is left of the folders that were built in", { timeout: 180_000 }, async () => {
    const repository = small();
    await splitRepository({ ...request, repository, plan });
    const [state] = readdirSync(join(repository, ".tarbisect/split"));
    expect(readdirSync(join(repository, ".tarbisect/split", state!))).toEqual(["outcomes.jsonl"]);
    expect(
      readdirSync(tmpdir()).filter((name) => name.startsWith(`tarbisect-split-${state!}-${process.pid}-`)),
    ).toEqual([]);
    expect(existsSync(join(repository, ".tarbisect/.gitignore"))).toBe(true);
    expect(git(repository, "status", "--porcelain", "--untracked-files=all")).toBe("");
  });

  test("a release that does not build itself is told with its first error", async () => {
    const repository = repositoryOf({
      v1: before,
      v2: { ...after, "src/main.c": "int main(void) { return missing; }\n" },
    });
    folders.push(repository);
    const split = splitRepository({ ...request, repository, plan });
    await expect(split).rejects.toThrow(/^v2 itself does not build: 'missing' undeclared/);
  });
});
