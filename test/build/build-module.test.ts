import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseBuildErrors } from "../../src/build/build-errors.js";
import { buildModule, type BuildInput } from "../../src/build/build-module.js";

/** A vendor's Makefile that needs no kernel: it compiles drv.c and calls the object a module. */
const makefile = [
  "default: drv.ko",
  "drv.ko: drv.c",
  "\t$(CC) $(CFLAGS_EXTRA) -c drv.c -o drv.ko && test -n '$(KSRC)' && test '$(BUILD_KERNEL)' = 5.10.0-test" +
    " && test -e '$(KDIR)/include/linux/version.h'",
  "",
].join("\n");

async function input(code: string, more: Partial<BuildInput> = {}): Promise<BuildInput> {
  const folder = await mkdtemp(join(tmpdir(), "tarbisect-build-"));
  const kernel = join(folder, "kernel");
  for (const [file, text] of Object.entries({
    "src/Makefile": makefile,
    "src/drv.c": code,
    "kernel/Makefile": "",
    "kernel/include/generated/autoconf.h": "",
    "kernel/include/linux/version.h": "",
  })) {
    await mkdir(join(folder, file, ".."), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  return {
    folder,
    catalog: {
      sourceFolder: "src",
      module: "drv",
      recipe: { kind: "vendor-make", variables: { BUILD_KERNEL: "{kernel}", KDIR: "{headers}" } },
    },
    headers: { release: "5.10.0-test", buildFolder: kernel, sourceFolder: kernel },
    jobs: 1,
    timeoutMs: 20_000,
    ...more,
  };
}

test("a source that builds gives its module", async () => {
  const given = await input("int x;\n");
  expect(await buildModule(given)).toMatchObject({ kind: "built", ko: join(given.folder, "src/drv.ko") });
});

test("a source that does not build is a value with its first error", async () => {
  const built = await buildModule(await input("int f(void) { return missing; }\n"));
  expect(built).toMatchObject({ kind: "failed" });
  expect(built.kind === "failed" && built.firstError).toMatch(/^drv\.c:1: 'missing' undeclared/);
});

test("an include shim's flags can heal it", async () => {
  const given = await input("int f(void) { return missing; }\n", { cflags: ["-Dmissing=1"] });
  expect(await buildModule(given)).toMatchObject({ kind: "built" });
});

test("missing headers, a missing compiler and a time limit are faults of ours", async () => {
  const headers = { release: "9.9", buildFolder: "/nowhere", sourceFolder: "/nowhere" };
  await expect(buildModule(await input("", { headers }))).rejects.toThrow(
    "the headers of kernel 9.9 are not usable",
  );
  await expect(buildModule(await input("", { cc: "no-such-gcc" }))).rejects.toThrow(
    "cannot start no-such-gcc",
  );
  const slow = await input("");
  await writeFile(join(slow.folder, "src/Makefile"), "default:\n\tsleep 30\n");
  await expect(buildModule({ ...slow, timeoutMs: 300 })).rejects.toThrow("time limit of 0.3 s");
});

test("a full disk is a fault of ours although make fails", async () => {
  const given = await input("");
  await writeFile(
    join(given.folder, "src/Makefile"),
    'default:\n\t@echo "as: drv.o: No space left on device"; false\n',
  );
  await expect(buildModule(given)).rejects.toThrow("stopped by this machine");
});

test("errors of compiler, modpost, linker and make are told apart", () => {
  const output = [
    "In file included from /b/src/a.h:3,",
    "/b/src/a.c:12:7: error: 'x' undeclared (first use in this function)",
    'ERROR: modpost: "i40e_gone" [/b/src/i40e.ko] undefined!',
    "make[1]: *** [Makefile:3: a.o] Error 1",
  ].join("\n");
  expect(parseBuildErrors(output, "/b/src")).toEqual([
    { file: "a.c", line: 12, message: "'x' undeclared (first use in this function)" },
    { file: undefined, line: undefined, message: '"i40e_gone" [/b/src/i40e.ko] undefined!' },
  ]);
  expect(parseBuildErrors("make: *** No rule to make target 'x'.  Stop.\n", "/b")).toEqual([
    { file: undefined, line: undefined, message: "No rule to make target 'x'.  Stop." },
  ]);
});
