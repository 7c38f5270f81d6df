import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const launcher = new URL("../../bin/tarbisect.js", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "tarbisect-diff-"));
afterAll(() => rmSync(folder, { recursive: true }));

function tree(name: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, path, ".."), { recursive: true });
    writeFileSync(join(folder, name, path), text);
  }
}

function run(...args: string[]): string {
  return execFileSync(launcher, ["diff", ...args], { cwd: folder, encoding: "utf8" });
}

tree("1.0", {
  "src/nic_rx.c":
    "int nic_rx(int budget)\n{\n\treturn budget;\n}\n\n/* old */\nint nic_open(void)\n{\n\treturn 0;\n}\n",
});
tree("1.1", {
  "src/nic_rx.c":
    "int nic_rx(int budget)\n{\n\treturn budget + 1;\n}\n\n/* new */\nint nic_open(void)\n{\n\t/* up */\n\treturn 0;\n}\n",
  README: "hello\n",
});

describe("tarbisect diff", () => {
  it("prints what changed, function by function", () => {
    expect(run("./1.0", "./1.1")).toBe(`./1.0 -> ./1.1
functions: 2 changed, 0 added, 0 removed, 0 renamed, 0 moved
of the changed: 0 with another signature, 1 only in comments, 0 only in blanks; 0 more only under another #if
all units (macros, structs, tables and so on): 3 changed, 0 added, 0 removed
lines: 6 changed in 2 files as diff -rN counts them; 2 in code, unit by unit

== no topic (1, 2 more folded)

src/nic_rx.c:1 function nic_rx, changed: body, +1 -1
@@ -1,4 +1,4 @@
 int nic_rx(int budget)
 {
-\treturn budget;
+\treturn budget + 1;
 }

folded (comments, blanks, moves, other #if): nic_open, (outside units)
`);
  });

  it("gives the documented JSON, filtered", () => {
    const { units, ...rest } = JSON.parse(run("./1.0", "./1.1", "--json", "--status", "body")) as {
      units: unknown[];
      schemaVersion: number;
    };
    expect(rest).toMatchObject({ schemaVersion: 1, old: "./1.0", new: "./1.1", problems: [] });
    expect(units).toEqual([
      {
        kind: "function",
        name: "nic_rx",
        file: "src/nic_rx.c",
        condition: "",
        topics: [],
        callers: [],
        callees: [],
        status: "changed",
        classes: ["body"],
        linesAdded: 1,
        linesRemoved: 1,
        oldSpan: { startOffset: 0, endOffset: 42, startLine: 1, endLine: 4 },
        newSpan: { startOffset: 0, endOffset: 46, startLine: 1, endLine: 4 },
      },
    ]);
  });

  it("writes Markdown to a file", () => {
    run("./1.0", "./1.1", "--format", "markdown", "-o", "out.md");
    expect(readFileSync(join(folder, "out.md"), "utf8")).toContain(
      "```diff\n@@ -1,4 +1,4 @@\n int nic_rx(int budget)\n",
    );
  });

  it("ends with 129 when a side does not exist", () => {
    const { status, stderr } = spawnSync(launcher, ["diff", "./1.0", "./9.9"], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(stderr).toContain('tarbisect: there is no version, tag, commit, folder or archive "./9.9"');
    expect(status).toBe(129);
  });

  it.each([
    [["--status", "bogus"], "Allowed choices are added, removed"],
    [["--topic", "bogus"], 'there is no topic "bogus"'],
    [["--path", "src/bogus"], 'neither side has a folder or file "src/bogus"'],
  ])("refuses a filter that names nothing: %j", (args, message) => {
    const { status, stderr } = spawnSync(launcher, ["diff", "./1.0", "./1.1", ...args], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(stderr).toContain(message);
    expect(status).toBe(129);
  });

  it("says when nothing that changed is what the filters ask for", () => {
    const { status, stderr } = spawnSync(launcher, ["diff", "./1.0", "./1.1", "--function", "nic_xr"], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(stderr).toBe("tarbisect: none of the 3 changed units is what the filters ask for\n");
    expect(status).toBe(0);
  });
});
