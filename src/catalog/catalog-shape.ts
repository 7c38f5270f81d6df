// The one description of releases/<driver>.yaml: the check, the types and the published JSON schema come from it.
import { z } from "zod";
import { parseRange } from "./range.js";
import { isVersion } from "./version.js";

const text = z.string().min(1);
const relativePath = text.refine((path) => !path.startsWith("/") && !path.split("/").includes(".."), {
  error: "must be a path inside the release",
});
const range = text
  .refine(isRange, { error: 'is no range of versions (like ">=2.12.6 <2.14", "2.13.10" or "*")' })
  .describe('a range of versions: ">=2.12.6 <2.14", "2.13.10", "<1.5 || >=2", "*"');
const name = text.regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, "must be letters, digits, _ and -");
const url = text.refine(isArchiveUrl, {
  error: "must be an http(s) URL without a password, or a path relative to this file",
});

const release = z
  .strictObject({
    version: text
      .refine(isVersion, { error: "must start with a digit and hold only letters, digits and . + _ ~ -" })
      .describe("quoted, as the vendor writes it"),
    date: z.iso.date().optional().describe("the day it came out; leave it out when no source states it"),
    urls: z.array(url).min(1).describe("where the archive is, tried in this order"),
    sha256: text
      .regex(/^[0-9a-f]{64}$/, "must be 64 hex digits")
      .optional()
      .describe("only when a public packaging source states it"),
    sizeBytes: z.int().positive().optional(),
    withdrawn: z.boolean().default(false).describe("the vendor took it down"),
    notes: text.optional(),
  })
  .describe("one version that the vendor published");

const topic = z
  .strictObject({
    functions: z.array(text).default([]).describe("names of functions, * stands for any letters"),
    files: z.array(text).default([]).describe("paths in a release (src/...), * stands for any letters but /"),
  })
  .describe("functions and files that belong together");

const where = {
  releases: range,
  kernels: range,
  reason: text.describe("what it makes build, and since which change of the kernel"),
};
const files = z
  .array(relativePath)
  .min(1)
  .describe("paths in the source folder, * stands for any letters but /");
const fixup = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("sed"),
    ...where,
    files,
    expression: text.describe("for sed -E --sandbox"),
  }),
  z.strictObject({
    kind: z.literal("patch"),
    ...where,
    patch: text.describe("a unified diff against the source folder (patch -p1)"),
  }),
  z.strictObject({
    kind: z.literal("include"),
    ...where,
    header: text.describe("C text that every file of the module includes first"),
  }),
]);

export const catalogShape = z.strictObject({
  driver: name,
  module: name.describe("the .ko's name without its ending"),
  sourceFolder: relativePath.describe("where the Makefile lies inside a release"),
  recipe: z
    .strictObject({
      kind: z
        .enum(["vendor-make", "kbuild"])
        .describe("vendor-make: make in the source folder; kbuild: make -C <kernel> M=<source folder>"),
      variables: z
        .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string())
        .default({})
        .describe(
          "make variables; {kernel} stands for the kernel's release, {headers} for the folder of its headers",
        ),
    })
    .describe("how a release is built"),
  topics: z.record(name, topic).default({}),
  listings: z
    .array(z.url({ protocol: /^https?$/ }))
    .default([])
    .describe("the vendor's own listings, asked by releases --online"),
  fixups: z.array(fixup).default([]).describe("what lets old releases build on newer kernels"),
  releases: z.array(release).min(1),
});

export type CatalogFile = z.output<typeof catalogShape>;

/** One change to a copy of a release's source, so that it builds on a range of kernels. */
export type Fixup = z.output<typeof fixup>;
export type Topic = z.output<typeof topic>;

function isRange(value: string): boolean {
  try {
    parseRange(value);
    return true;
  } catch {
    return false;
  }
}

function isArchiveUrl(value: string): boolean {
  if (!/^[a-z][a-z0-9+.-]*:/i.test(value)) return !value.startsWith("/");
  if (!URL.canParse(value)) return false;
  const { protocol, username, password } = new URL(value);
  return (protocol === "https:" || protocol === "http:") && username === "" && password === "";
}
