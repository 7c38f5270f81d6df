// A module of two files against the installed headers: kbuild itself, its probes, modpost and the objects that are kept.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { headersAt } from "../../src/build/headers.js";
import { splitRepository } from "../../src/split/split-repository.js";
import { git, repositoryOf, type Files } from "./small-repository.js";

const kernels = readdirSync("/usr/src").filter((name) => /^linux-headers-6\.1\.\S+-amd64$/.test(name));
const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

const releaseWith = (more: { comment: string; ring: string; header: string; call: string }): Files => ({
  "src/Makefile": "obj-m := tiny.o\ntiny-y := tiny_main.o tiny_ring.o\n",
  "src/tiny.h": `#include <linux/module.h>\n${more.header}int tiny_fill(int count);\n`,
  "src/tiny_ring.c": `#include "tiny.h"\n${more.comment}int tiny_fill(int count)\n{\n\tWARN_ON(count < 0);\n\treturn count;\n}\n${more.ring}`,
  "src/tiny_main.c": `#include "tiny.h"\nstatic int __init tiny_init(void)\n{\n\treturn ${more.call};\n}\nmodule_init(tiny_init);\nMODULE_LICENSE("GPL");\n`,
});

describe.skipIf(kernels.length === 0)("split against kernel headers", () => {
  test(
    "each commit is built by kbuild, and what changes no object code says so",
    { timeout: 900_000 },
    async () => {
      const before = releaseWith({ comment: "", ring: "", header: "", call: "tiny_fill(1)" });
      const after = releaseWith({
        comment: "/* two\n * lines */\n",
        ring: "int tiny_drain(int count)\n{\n\treturn -count;\n}\n",
        header: "#define TINY_UNUSED 1\nint tiny_drain(int count);\n",
        call: "tiny_drain(1)",
      });
      const repository = repositoryOf({ v1: before, v2: after });
      const cacheFolder = mkdtempSync(join(tmpdir(), "tarbisect-split-test-"));
      folders.push(repository, cacheFolder);
      const branch = "split/v1-to-v2";
      const catalog = {
        sourceFolder: "src",
        module: "tiny",
        recipe: { kind: "kbuild", variables: {} },
      } as const;
      const kernel = { headers: headersAt(`/usr/src/${kernels[0]!}`), fixups: [], cacheFolder };
      const plan = { kind: "kernel", ...kernel, timeoutMs: 300_000 } as const;
      const request = { repository, branch, old: "v1", new: "v2" };
      const result = await splitRepository({ ...request, plan: { ...plan, catalog } });
      const said = git(repository, "log", "--reverse", "--format=%s%n%b", `v1..${branch}`);
      const subjects = result.commits.map(({ subject }) => subject);
      expect(subjects).toEqual([
        "comments and documents: 2 lines",
        "tiny.h: TINY_UNUSED: 1 line",
        "tiny.h: tiny_drain: 1 line",
        "tiny_ring.c: tiny_drain: 4 lines",
        "tiny_main.c: tiny_init: 2 lines",
      ]);
      expect(said.match(/^Built against kernel /gm)).toHaveLength(5);
      // Comments moved WARN_ON's line; a macro and a prototype that nobody uses are no code.
      expect(result.verified?.silent).toBe("same-but-line-numbers");
      expect(said.match(/^Tarbisect-Code: same-as PARENT$/gm)).toHaveLength(3);
      // Where the lanes met, the vendor's own make gave the same modules; each commit's is where a step looks first.
      expect(result.verified).toMatchObject({ compared: 2, kept: 5 });
      // Both ends, the comments, the four trees between them; the two that compare line numbers are no commit.
      expect(result.verified?.builds).toBe(6);
      // A catalog that says the same of the build and more of other things, such as one more release.
      const longer = { ...catalog, path: "elsewhere.yaml" };
      const again = await splitRepository({ ...request, plan: { ...plan, catalog: longer } });
      expect(again.verified).toMatchObject({ builds: 0, compared: 2, kept: 5 });
      expect(again.commits).toEqual(result.commits);
    },
  );
});
