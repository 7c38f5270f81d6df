import { mkdir, mkdtemp, readFile, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { applyFixups, fixupsFor } from "../../src/build/fixups.js";
import type { Fixup } from "../../src/catalog/catalog-shape.js";

const where = { releases: ">=2.7 <2.14", kernels: ">=5.9", reason: "a test" };

async function sourceFolder(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tarbisect-fixups-"));
  for (const [file, text] of Object.entries(files)) {
    await mkdir(join(folder, file, ".."), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  return folder;
}

function sed(expression: string, files: string[]): Fixup {
  return { kind: "sed", ...where, files, expression };
}

test("fixups are chosen by the release's range and the kernel's", () => {
  const fixups = [sed("s/a/b/", ["*.c"])];
  expect(fixupsFor({ fixups }, "2.12.6", "5.10.0-32-amd64")).toHaveLength(1);
  expect(fixupsFor({ fixups }, "2.14.13", "5.10.0-32-amd64")).toHaveLength(0);
  expect(fixupsFor({ fixups }, "2.12.6", "4.19.0-1-amd64")).toHaveLength(0);
});

test("an edit changes the files that it matches and says which", async () => {
  const folder = await sourceFolder({
    "a.c": "enum state s;\n",
    "b.c": "other\n",
    "deep/a.c": "enum state s;\n",
  });
  const [applied] = await applyFixups(folder, [sed("s/enum state /state_t /", ["*.c"])]);
  expect(applied).toMatchObject({ files: ["a.c"], problem: undefined });
  expect(await readFile(join(folder, "a.c"), "utf8")).toBe("state_t s;\n");
  expect(await readFile(join(folder, "deep/a.c"), "utf8")).toBe("enum state s;\n");
});

test("an edit that matches nothing is told, not hidden", async () => {
  const folder = await sourceFolder({ "a.c": "x\n" });
  const [applied] = await applyFixups(folder, [sed("s/gone/x/", ["a.c"])]);
  expect(applied?.problem).toBe('"s/gone/x/" changes nothing in a.c');
});

test("an expression that sed refuses, or that would run a program, is a fault of the catalog", async () => {
  const folder = await sourceFolder({ "a.c": "x\n" });
  await expect(applyFixups(folder, [sed("s/(/x/", ["a.c"])])).rejects.toThrow("is not understood by sed");
  await expect(applyFixups(folder, [sed("1e touch pwned", ["a.c"])])).rejects.toThrow(
    "is not understood by sed",
  );
});

test("a link planted in the release is not followed", async () => {
  const outside = await sourceFolder({ "victim.c": "keep\n" });
  const folder = await sourceFolder({ "a.c": "x\n" });
  await symlink(join(outside, "victim.c"), join(folder, "b.c"));
  await symlink(outside, join(folder, "out"));
  await applyFixups(folder, [sed("s/keep/lost/", ["*.c", "out/*.c"])]);
  expect(await readFile(join(outside, "victim.c"), "utf8")).toBe("keep\n");
  const patch = "--- a/out/victim.c\n+++ b/out/victim.c\n@@ -1 +1 @@\n-keep\n+lost\n";
  await expect(applyFixups(folder, [{ kind: "patch", ...where, patch }])).rejects.toThrow(
    "outside the source folder",
  );
});

test("a patch applies wholly or not at all", async () => {
  const folder = await sourceFolder({ "a.c": "one\n", "b.c": "two\n" });
  const change = (file: string, from: string): string =>
    `--- a/${file}\n+++ b/${file}\n@@ -1 +1 @@\n-${from}\n+new\n`;
  const patch = (text: string): Fixup => ({ kind: "patch", ...where, patch: text });
  const [bad] = await applyFixups(folder, [patch(change("a.c", "one") + change("b.c", "never"))]);
  expect(bad).toMatchObject({ files: [] });
  expect(bad?.problem).toContain("does not apply");
  expect(await readFile(join(folder, "a.c"), "utf8")).toBe("one\n");
  const [good] = await applyFixups(folder, [patch(change("a.c", "one"))]);
  expect(good).toMatchObject({ files: ["a.c"], problem: undefined });
});

test("an include shim reaches the compiler as flags", async () => {
  const folder = await sourceFolder({ "a.c": "x\n" });
  const [applied] = await applyFixups(folder, [{ kind: "include", ...where, header: "#define gone 1\n" }]);
  expect(applied?.cflags[0]).toBe("-include");
  expect(await readFile(applied!.cflags[1]!, "utf8")).toBe("#define gone 1\n");
});
