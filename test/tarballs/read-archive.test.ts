import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultLimits } from "../../src/tarballs/limits.js";
import { readArchive } from "../../src/tarballs/read-archive.js";
import { buildTar, buildTarGz, type TarEntry } from "./tar-builder.js";

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "archives-"))));
afterAll(() => rm(folder, { recursive: true }));

async function listing(content: Buffer, name = "a-1.tar"): Promise<Record<string, string>> {
  const path = join(folder, name);
  await writeFile(path, content);
  const { files } = await readArchive(path, { keep: (bytes) => bytes.toString() });
  return Object.fromEntries(files.map(({ path: at, mode, kept }) => [at, `${mode} ${kept}`]));
}

const plain: TarEntry[] = [
  { name: "a-1/", type: "5", mode: 0o755 },
  { name: "a-1/README", content: "read me\n" },
  { name: "a-1/src/run.sh", content: "#!/bin/sh\n", mode: 0o755 },
  { name: "a-1/src/link", type: "2", target: "../README" },
  { name: "a-1/src/same", type: "1", target: "a-1/README" },
];
const expected = {
  README: "100644 read me\n",
  "src/run.sh": "100755 #!/bin/sh\n",
  "src/link": "120000 ../README",
  "src/same": "100644 read me\n",
};

describe("readArchive", () => {
  it("reads plain tar, with a top folder, none, or ./x/", async () => {
    expect(await listing(buildTar(plain))).toEqual(expected);
    expect(
      await listing(
        buildTar([
          { name: "x", content: "1" },
          { name: "y/z", content: "2" },
        ]),
      ),
    ).toEqual({
      x: "100644 1",
      "y/z": "100644 2",
    });
    expect(
      await listing(
        buildTar([
          { name: "./", type: "5" },
          { name: "./x-1/y", content: "2" },
        ]),
      ),
    ).toEqual({ y: "100644 2" });
  });

  it.each(["gzip", "bzip2", "xz", "zstd"])("reads what %s compressed", async (program) => {
    const packed = execFileSync(program, ["-c"], { input: buildTar(plain) });
    expect(await listing(packed)).toEqual(expected);
  });

  it("reads a zip, and a tar inside a zip", async () => {
    await writeFile(join(folder, "b-1.tar.gz"), buildTarGz(plain));
    execFileSync("zip", ["-q", "tar-inside.zip", "b-1.tar.gz"], { cwd: folder });
    expect(await listing(await readFile(join(folder, "tar-inside.zip")))).toEqual(expected);
    execFileSync(
      "sh",
      ["-c", "mkdir -p z-1/src && echo one >z-1/README && echo two >z-1/src/a.c && zip -qr z.zip z-1"],
      { cwd: folder },
    );
    expect(await listing(await readFile(join(folder, "z.zip")))).toEqual({
      README: "100644 one\n",
      "src/a.c": "100644 two\n",
    });
  });

  it.each<[string, TarEntry[], string]>([
    ["an absolute name", [{ name: "/etc/passwd", content: "x" }], "absolute name"],
    ["a name with ..", [{ name: "a/../../x", content: "x" }], "leads out of the archive"],
    [
      "a symlink that leaves",
      [{ name: "a/b/l", type: "2", target: "../../../etc" }, { name: "a/c" }],
      "leads out",
    ],
    ["an absolute symlink", [{ name: "a/l", type: "2", target: "/etc" }, { name: "a/c" }], "leads out"],
    ["a device node", [{ name: "a/sda", type: "4" }], "device node"],
    ["a FIFO", [{ name: "a/p", type: "6" }], "FIFO"],
    ["a duplicate", [{ name: "a/x" }, { name: "a/x", content: "2" }], "twice"],
    ["names that differ in case", [{ name: "a/x" }, { name: "a/X" }], "differ only in case"],
    [
      "a file as a folder",
      [{ name: "a/x" }, { name: "a/x/y" }, { name: "b" }],
      "both as a file and as a folder",
    ],
    ["a .git folder", [{ name: "a/.git/config", content: "[core]" }], "git would take for its own"],
    ["a disguised .git folder", [{ name: "a/.GIT ./hooks/x", content: "" }], "git would take for its own"],
    ["a .gitmodules", [{ name: "a/.gitmodules", content: "x" }], "fetch from elsewhere"],
    ["a filtering .gitattributes", [{ name: "a/.gitattributes", content: "* filter=x" }], "rewrite files"],
    ["a hard link to nothing", [{ name: "a/x", type: "1", target: "a/none" }], "to nothing in it"],
    ["a name that is not UTF-8", [{ name: "a/\xff\xfe", content: "x" }], "not UTF-8"],
    ["no file", [{ name: "a/", type: "5" }], "holds no file"],
  ])("refuses %s", async (_what, entries, words) => {
    await expect(listing(buildTarGz(entries))).rejects.toThrow(words);
  });

  it("refuses what is cut short, no archive, or an HTML page", async () => {
    const packed = buildTarGz(plain);
    await expect(listing(packed.subarray(0, packed.length - 20))).rejects.toThrow(/cut short|damaged/);
    await expect(listing(Buffer.from("hello, this is no archive".repeat(40)))).rejects.toThrow(
      /no archive|damaged/,
    );
    await expect(listing(Buffer.from("<!DOCTYPE html><p>404"))).rejects.toThrow("HTML page");
    await expect(listing(Buffer.alloc(0))).rejects.toThrow("empty");
  });

  it("refuses bombs by total size, entry count and file size", async () => {
    const path = join(folder, "bomb.tar.gz");
    await writeFile(
      path,
      buildTarGz([
        { name: "a/x", content: "12345" },
        { name: "a/y", content: "67890" },
      ]),
    );
    const read = (limits: object) =>
      readArchive(path, { keep: () => 0, limits: { ...defaultLimits, ...limits } });
    await expect(read({ totalBytes: 9 })).rejects.toThrow("more than 9 bytes");
    await expect(read({ entries: 1 })).rejects.toThrow("more than 1 entries");
    await expect(read({ fileBytes: 4 })).rejects.toThrow("more than 4");
    await writeFile(path, buildTarGz([{ name: "a/x", content: Buffer.alloc(80 * 1024 * 1024) }]));
    await expect(read({ ratio: 100 })).rejects.toThrow("100 times its size");
  });

  it("gives a listing or one sentence for any damage", async () => {
    const good = buildTar(plain);
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.nat(255), async (at, byte) => {
        const bent = Buffer.from(good);
        bent[at] = byte;
        const end = await listing(bent).then(
          () => "listing",
          (error: unknown) => (error as Error).name,
        );
        expect(["listing", "Fault"]).toContain(end);
      }),
      { numRuns: 150 },
    );
  });
});
