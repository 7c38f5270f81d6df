import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import { afterAll, describe, expect, it } from "vitest";
import { bisectJsonSchema } from "../../src/cli/bisect-schema.js";
import { matrixJsonSchema } from "../../src/cli/matrix-schema.js";

const root = new URL("../../", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "tarbisect-schemas-"));
afterAll(() => rmSync(folder, { recursive: true }));

const fill = (name: string, factor: number): string =>
  `static void ${name}(struct ring *r)\n{\n\tint i;\n\n\tfor (i = 0; i < r->count; i++)\n\t\tr->next[i] = i * ${factor};\n}\n`;

for (const [name, text] of [
  ["1.0", `#include <a.h>\n#define A 1\n${fill("nic_fill_udpv4", 1)}int nic_old(void)\n{\n}\n`],
  [
    "1.1",
    `#include <b.h>\n#ifdef X\n#define A 2\n#endif\n${fill("nic_fill_udp", 2)}int nic_new(void)\n{\n#if Y\n}\n`,
  ],
] as const) {
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, "nic.c"), text);
}

function run(...args: string[]): unknown {
  return JSON.parse(execFileSync(join(root, "bin/tarbisect.js"), args, { cwd: folder, encoding: "utf8" }));
}

describe("the published schemas", () => {
  it.each([
    ["bisect", bisectJsonSchema],
    ["matrix", matrixJsonSchema],
  ])("of %s is the one that its output is checked by", (name, schemaOf) => {
    const published = readFileSync(join(root, `schema/${name}.schema.json`), "utf8");
    expect(JSON.parse(published)).toEqual(schemaOf());
  });

  it.each([
    ["diff", ["diff", "./1.0", "./1.1", "--json"]],
    ["functions", ["functions", "./1.1", "--json"]],
  ])("hold for what %s prints", (name, args) => {
    const ajv = new Ajv({ allErrors: true, strict: true });
    const check = ajv.compile(
      JSON.parse(readFileSync(join(root, `schema/${name}.schema.json`), "utf8")) as object,
    );
    const output = run(...args);
    check(output);
    expect(check.errors ?? []).toEqual([]);
    check({ ...(output as object), schemaVersion: 2 });
    expect(check.errors?.map(({ instancePath }) => instancePath)).toEqual(["/schemaVersion"]);
  });
});
