import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { buildIdOf, readModuleFile } from "../../src/build/module-file.js";

const path = join(mkdtempSync(join(tmpdir(), "tarbisect-ko-")), "odd.ko");

it("a file that is no module is one fault, whatever its bytes are", async () => {
  const start = fc.constantFrom("", "\x7fELF", "\x7fELF\x02\x01", "\x7fELF\x01\x02");
  await fc.assert(
    fc.asyncProperty(start, fc.uint8Array({ maxLength: 200 }), async (magic, rest) => {
      writeFileSync(path, Buffer.concat([Buffer.from(magic, "latin1"), rest]));
      await expect(readModuleFile(path)).rejects.toThrow(/odd\.ko is no kernel module/);
    }),
    { numRuns: 200 },
  );
});

it("a build id is what follows the note's head", () => {
  const note = Buffer.from("040000001400000003000000474e5500" + "ab".repeat(20), "hex");
  expect(buildIdOf(note)).toBe("ab".repeat(20));
  expect(buildIdOf(Buffer.alloc(3))).toBeUndefined();
});
