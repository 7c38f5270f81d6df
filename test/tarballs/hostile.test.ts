// Every kind of hostile archive gets one sentence, and nothing of it is written: no file, no repository.
import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fault } from "../../src/fault/fault.js";
import { importReleases } from "../../src/history/import-releases.js";
import { defaultLimits, type ArchiveLimits } from "../../src/tarballs/limits.js";
import { readArchive } from "../../src/tarballs/read-archive.js";
import { buildTar, buildTarGz, gnuLong, paxHeader, type TarEntry } from "./tar-builder.js";
import { buildZip, type ZipEntry } from "./zip-builder.js";

let folder: string;
let archivePath: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hostile-"));
  archivePath = join(folder, "own-1.0");
});
afterAll(() => rm(folder, { recursive: true }));

/** What an import says of it; fails when anything was written beside the archive. */
async function sentence(archive: Buffer): Promise<string> {
  await writeFile(archivePath, archive);
  const source = { driver: "own", version: "1.0", archivePath, withdrawn: false };
  const end: unknown = await importReleases([source], { folder: join(folder, "own") }).then(
    ({ tip }) => `imported as ${tip}`,
    (error: unknown) => error,
  );
  const written = await readdir(folder);
  await rm(join(folder, "own"), { recursive: true, force: true });
  expect(written).toEqual(["own-1.0"]);
  if (!(end instanceof Fault)) throw new Error(`no fault: ${String(end)}`);
  expect(end.message).not.toContain("\n");
  expect(end.message).toMatch(/^the archive own-1\.0 (holds|is|unpacks) /);
  return end.message;
}

async function listing(archive: Buffer): Promise<Record<string, string>> {
  const path = join(folder, "good");
  await writeFile(path, archive);
  const { files } = await readArchive(path, { keep: (content) => content.toString() });
  await rm(path);
  return Object.fromEntries(files.map(({ path: at, mode, kept }) => [at, `${mode} ${kept}`]));
}

function packed(program: string, plain: Buffer): Buffer {
  return execFileSync(program, ["-c"], { input: plain });
}

const good: TarEntry[] = [
  { name: "own-1.0/README", content: "read me\n" },
  { name: "own-1.0/src/own.c", content: "int own;\n".repeat(400) },
];
const tar = buildTar(good);
const text = Buffer.from("and this too");
const programs = ["gzip", "bzip2", "xz", "zstd"];

describe("data after the end", () => {
  it.each(programs)("of %s", async (program) => {
    expect(await sentence(Buffer.concat([packed(program, tar), text]))).toMatch(/after its end|damaged/);
  });

  it("of gzip behind a zero byte, where zlib looks no further", async () => {
    const tail = Buffer.concat([Buffer.alloc(512), text]);
    expect(await sentence(Buffer.concat([gzipSync(tar), tail]))).toContain("holds data after its end");
  });

  it("of a tar, plain and compressed", async () => {
    expect(await sentence(Buffer.concat([tar, text]))).toContain("holds data after its end");
    expect(await sentence(gzipSync(Buffer.concat([tar, buildTar(good)])))).toContain("after its end");
    expect(await sentence(packed("xz", Buffer.concat([tar, text])))).toContain("holds data after its end");
  });

  it("of a zip", async () => {
    expect(await sentence(Buffer.concat([buildZip([{ name: "a/b", content: "1" }]), text]))).toContain(
      "damaged",
    );
  });

  it("but for the zeros that tar and gzip pad with", async () => {
    const padded = Buffer.concat([gzipSync(Buffer.concat([tar, Buffer.alloc(9000)])), Buffer.alloc(512)]);
    expect(Object.keys(await listing(padded))).toEqual(["README", "src/own.c"]);
  });
});

describe("what is cut short", () => {
  it.each(programs)("%s, at any of 12 places", async (program) => {
    const whole = packed(program, tar);
    for (let part = 1; part <= 12; part++)
      expect(await sentence(whole.subarray(0, Math.floor((whole.length * part) / 13)))).toMatch(
        /is (cut short|damaged)/,
      );
  });

  it("a tar inside a file, between files, and before its end", async () => {
    expect(await sentence(tar.subarray(0, 900))).toContain("is cut short inside a file");
    expect(await sentence(tar.subarray(0, 1024))).toContain("the end of the tar is missing");
    expect(await sentence(gzipSync(tar.subarray(0, tar.length - 1024)))).toContain(
      "the end of the tar is missing",
    );
  });

  it("a zip", async () => {
    const zip = buildZip([{ name: "a/b", content: "1234567" }]);
    for (let bytes = 4; bytes < zip.length; bytes += 7)
      expect(await sentence(zip.subarray(0, bytes))).toMatch(/is (cut short|damaged)/);
  });
});

const huge = Buffer.from([0x80, 0, 0, 0, 0x7f, 0, 0, 0, 0, 0, 0, 0]);

it.each<[string, TarEntry[], string | RegExp]>([
  ["a sparse file of GNU tar", [{ name: "a/x", type: "S" }], "holds a sparse file"],
  [
    "a sparse file by pax",
    [paxHeader({ "GNU.sparse.major": "1", "GNU.sparse.name": "x" }), { name: "a/x", content: "0\n" }],
    "holds a sparse file",
  ],
  ["a size above the limit", [{ name: "a/x", size: Buffer.from("40000000000\0") }], "more than 268435456"],
  ["a size beyond numbers", [{ name: "a/x", size: huge }], /more than|damaged/],
  ["a negative size", [{ name: "a/x", size: Buffer.alloc(12, 0xff) }], /cut short|damaged|more than/],
  ["a size by pax", [paxHeader({ size: "99999999999" }), { name: "a/x" }], "more than 268435456"],
  ["a negative size by pax", [paxHeader({ size: "-1" }), { name: "a/x" }], "a pax header says size"],
  [
    "pax records that are none",
    [{ name: "p", type: "x", content: "99 path=a\n" }, { name: "a/x" }],
    "pax header",
  ],
  ["a pax header of 2 MB", [paxHeader({ comment: "x".repeat(2e6) }), { name: "a/x" }], "more than 1048576"],
  ["a pax name with ..", [paxHeader({ path: "a/../../x" }), { name: "a/x" }], "leads out of the archive"],
  ["an absolute pax name", [paxHeader({ path: "/etc/passwd" }), { name: "a/x" }], "absolute name"],
  ["a pax name with a null", [paxHeader({ path: "a/x\0y" }), { name: "a/x" }], "which is none"],
  ["a global pax name", [paxHeader({ path: "a/y" }, "g"), { name: "a/x" }], "rename or resize every file"],
  ["a GNU long name with ..", [gnuLong("L", `${"a/".repeat(60)}../`.repeat(2)), { name: "a" }], "leads out"],
  ["a GNU long link that leaves", [gnuLong("K", "../".repeat(50)), { name: "a/l", type: "2" }], "leads out"],
  [
    "a name above the limit",
    [paxHeader({ path: `a/${"long/".repeat(300)}x` }), { name: "a" }],
    "longer than 1024",
  ],
  [
    "a name part above 255 bytes",
    [paxHeader({ path: `a/${"x".repeat(256)}` }), { name: "a" }],
    "longer than 255",
  ],
  [
    "a chain of symlinks that leaves",
    [
      { name: "a/deep/er/up", type: "2", target: ".." },
      { name: "a/out", type: "2", target: "deep/er/up/../../../secret" },
      { name: "a/x" },
    ],
    "leads out of the archive",
  ],
  [
    "a circle of symlinks",
    [{ name: "a/l", type: "2", target: "m" }, { name: "a/m", type: "2", target: "l" }, { name: "a/x" }],
    "leads in a circle",
  ],
  [
    "a file through a symlink",
    [{ name: "a/l", type: "2", target: "." }, { name: "a/l/x" }],
    "both as a file",
  ],
  [
    "a hard link to an absolute name",
    [{ name: "a/l", type: "1", target: "/etc/passwd" }, { name: "a/x" }],
    "to nothing",
  ],
  ["a hard link out of it", [{ name: "a/l", type: "1", target: "../x" }, { name: "a/x" }], "to nothing"],
  [
    "hard links in a circle",
    [
      { name: "a/l", type: "1", target: "a/m" },
      { name: "a/m", type: "1", target: "a/l" },
    ],
    "to nothing",
  ],
  ["folders that differ in case", [{ name: "a/Src/x" }, { name: "a/src/X" }], "differ only in case"],
  [
    "names that differ in their accents' form",
    [
      { name: "a/x" },
      paxHeader({ path: "a/\u00e9" }),
      { name: "y" },
      paxHeader({ path: "a/e\u0301" }),
      { name: "z" },
    ],
    "differ only in case",
  ],
  [
    "a link target that is not UTF-8",
    [{ name: "a/l", type: "2", target: "\xff" }, { name: "a/x" }],
    "not UTF-8",
  ],
  [
    "a GNU long name that is not UTF-8",
    [{ name: "L", type: "L", content: Buffer.alloc(120, 0xff) }, { name: "a" }],
    "not UTF-8",
  ],
  ["a .git file", [{ name: "a/.git", content: "gitdir: /x" }, { name: "a/x" }], "git would take for its own"],
  [
    "a .git folder deep inside",
    [{ name: "a/b/.git/hooks/post-checkout", content: "#!/bin/sh" }],
    "git would take for its own",
  ],
  [
    ".git as NTFS and HFS read it",
    [paxHeader({ path: "a/.g\u200cit/config" }), { name: "a" }, { name: "a/x" }],
    "git would take for its own",
  ],
  [
    "attributes with a filter",
    [{ name: "a/b/.gitattributes", content: "*.c filter=lfs\n" }],
    "make git rewrite files",
  ],
  ["a submodule's address", [{ name: "a/.GITMODULES", content: "x" }], "fetch from elsewhere"],
  ["a device node", [{ name: "a/sda", type: "3" }], "device node"],
  ["a kind that nobody knows", [{ name: "a/x", type: "Z" }], "of kind"],
])("refuses %s", async (_what, entries, words) => {
  expect(await sentence(buildTarGz(entries))).toMatch(words);
});

it.each<[string, ZipEntry[], string | RegExp]>([
  ["..", [{ name: "a/../../x" }], /damaged.*relative path/],
  ["an absolute name", [{ name: "/etc/passwd" }], /damaged.*absolute path/],
  [
    "a symlink that leaves",
    [{ name: "a/l", mode: 0o120777, content: "../../x" }, { name: "a/x" }],
    "leads out",
  ],
  ["a FIFO", [{ name: "a/p", mode: 0o010644 }, { name: "a/x" }], "device node or FIFO"],
  ["a duplicate", [{ name: "a/x" }, { name: "a/x" }], "twice"],
  ["a .git folder", [{ name: "a/.git/config" }, { name: "a/x" }], "git would take for its own"],
  ["a size that is not so", [{ name: "a/x", content: "123", statedBytes: 9 }, { name: "a/y" }], "damaged"],
  ["a checksum that is not so", [{ name: "a/x", content: "123", crc: 1 }, { name: "a/y" }], "checksum"],
  [
    "encryption",
    [{ name: "a/x", content: "x".repeat(15), statedBytes: 3, flags: 0x801 }, { name: "a/y" }],
    "encrypted",
  ],
  ["another zip", [{ name: "own-1.0.zip", content: buildZip([{ name: "a/x" }]) }], "holds another zip"],
  ["a hostile tar", [{ name: "own-1.0.tar", content: buildTar([{ name: "/etc/x" }]) }], "absolute name"],
  ["a cut tar", [{ name: "own-1.0.tar.gz", content: gzipSync(tar).subarray(0, 90) }], "cut short"],
])("refuses a zip with %s", async (_what, entries, words) => {
  expect(await sentence(buildZip(entries))).toMatch(words);
});

describe("bombs", () => {
  const read = async (archive: Buffer, limits: Partial<ArchiveLimits>): Promise<number> => {
    await writeFile(archivePath, archive);
    const all = { ...defaultLimits, ...limits };
    return (await readArchive(archivePath, { keep: () => 0, limits: all })).files.length;
  };
  const ten = (entry: object): object[] =>
    Array.from({ length: 10 }, (_, n) => ({ ...entry, name: `a/${n}` }));
  const small = { content: Buffer.alloc(2000) };

  it.each<[keyof ArchiveLimits, number, string]>([
    ["totalBytes", 9000, "unpacks to more than 9000 bytes"],
    ["fileBytes", 1999, "more than 1999"],
    ["entries", 9, "holds more than 9 entries"],
    ["nameBytes", 2, "longer than 2 bytes"],
  ])("%s, in a tar, a compressed one and a zip", async (limit, most, words) => {
    const tarOfTen = buildTar(ten(small) as TarEntry[]);
    for (const archive of [
      tarOfTen,
      gzipSync(tarOfTen),
      packed("xz", tarOfTen),
      buildZip(ten(small) as ZipEntry[]),
    ]) {
      await expect(read(archive, { [limit]: most })).rejects.toThrow(words);
      expect(await read(archive, {})).toBe(10);
    }
  });

  it("ratio, of files and of zeros after the end", async () => {
    const zeros = Buffer.alloc(70 * 1024 * 1024);
    const files = packed("xz", buildTar([{ name: "a/x", content: zeros }]));
    await expect(read(files, {})).rejects.toThrow("unpacks to more than 250 times its size");
    await expect(read(gzipSync(Buffer.concat([tar, zeros])), {})).rejects.toThrow(
      "more than 250 times its size",
    );
  });
});

it("reads long names of pax and GNU tar, with newlines and any letters, and links between them", async () => {
  const [long, deep] = ["x".repeat(200), `${"folder/".repeat(30)}file`];
  const entries = [
    paxHeader({ path: `a/${long}`, mtime: "1700000000.25", size: "2" }),
    { name: "a/cut", content: "1\n" },
    paxHeader({ path: "a/line\nend=\u00fc" }),
    { name: "a/cut", content: "2" },
    gnuLong("L", `a/${deep}`),
    { name: "a/cut", content: "3" },
    paxHeader({ linkpath: long }),
    { name: "a/link", type: "2" },
    gnuLong("K", `a/${deep}`),
    { name: "a/same", type: "1" },
    paxHeader({ comment: "of git archive" }, "g"),
    { name: "a/also", type: "1", target: "a/same" },
  ];
  expect(await listing(buildTarGz(entries))).toEqual({
    [long]: "100644 1\n",
    "line\nend=\u00fc": "100644 2",
    [deep]: "100644 3",
    link: `120000 ${long}`,
    same: "100644 3",
    also: "100644 3",
  });
});

it("gives a listing or one sentence for any damage of any kind of archive, and never a file outside", async () => {
  const entries = [...good, gnuLong("L", `own-1.0/${"d/".repeat(70)}x`), { name: "own-1.0/x", content: "1" }];
  const plain = buildTar([...entries, paxHeader({ path: "own-1.0/p" }), { name: "p", content: "2" }]);
  const zip = buildZip([
    { name: "own-1.0/a", content: "1" },
    { name: "own-1.0/own.tar", content: plain },
  ]);
  const kinds = [
    plain,
    gzipSync(plain),
    zip,
    ...["bzip2", "xz", "zstd"].map((program) => packed(program, plain)),
  ];
  const damage = fc.record({
    kind: fc.nat(kinds.length - 1),
    at: fc.nat(),
    put: fc.uint8Array({ maxLength: 6 }),
    take: fc.nat(6),
  });
  await fc.assert(
    fc.asyncProperty(damage, async ({ kind, at, put, take }) => {
      const whole = kinds[kind]!;
      const start = at % whole.length;
      const bent = Buffer.concat([whole.subarray(0, start), put, whole.subarray(start + take)]);
      const end = await listing(bent).catch((error: unknown) => error);
      expect(end instanceof Error ? end.name : "listing").toMatch(/^(listing|Fault)$/);
      expect(await readdir(folder)).toEqual(expect.not.arrayContaining(["x", "p"]));
    }),
    { numRuns: 400 },
  );
}, 60_000);
