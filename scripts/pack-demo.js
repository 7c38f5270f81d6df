// The demo driver's releases: releases/demo/base and one patch per release, packed as a vendor would, the same bytes
// on every machine. Usage: node scripts/pack-demo.js OUTDIR [VERSION...]
import { applyPatch, parsePatch } from "diff";
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { Header } from "tar";

const name = "tbnic";
const demo = fileURLToPath(new URL("../releases/demo/", import.meta.url));

/** Each release with its whole tree (path -> text), in the order of releases/demo/series. */
function readReleases() {
  let tree = readBase();
  return readSeries().map(({ version, date }, index) => {
    if (index > 0) tree = patched(tree, version);
    return { version, date, tree };
  });
}

function readSeries() {
  const lines = readFileSync(join(demo, "series"), "utf8").split("\n");
  return lines.filter(Boolean).map((line) => {
    const [version, date] = line.split(" ");
    return { version, date };
  });
}

function readBase() {
  const files = readdirSync(join(demo, "base"), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return new Map(
    files.map((entry) => {
      const path = join(entry.parentPath ?? entry.path, entry.name);
      return [path.slice(join(demo, "base/").length).replaceAll("\\", "/"), readFileSync(path, "utf8")];
    }),
  );
}

function patched(tree, version) {
  const next = new Map(tree);
  for (const patch of parsePatch(readFileSync(join(demo, "patches", `${version}.patch`), "utf8"))) {
    const from = withoutPrefix(patch.oldFileName);
    const to = withoutPrefix(patch.newFileName);
    const text = applyPatch(from === undefined ? "" : next.get(from), patch);
    if (text === false) throw new Error(`releases/demo/patches/${version}.patch does not apply to ${from}`);
    if (from !== undefined) next.delete(from);
    if (to !== undefined) next.set(to, text);
  }
  return next;
}

/** "a/src/x.c" -> "src/x.c"; undefined for /dev/null. */
function withoutPrefix(path) {
  return path === "/dev/null" ? undefined : path.replace(/^[ab]\//, "");
}

/** What the BSD `sum` prints: a 16-bit sum that rotates right before each byte, and the size in KiB. */
function sumLine(path, bytes) {
  let sum = 0;
  for (const byte of bytes) sum = (((sum >> 1) | (sum << 15)) + byte) & 0xffff;
  const blocks = Math.ceil(bytes.length / 1024);
  return `${String(sum).padStart(5, "0")} ${String(blocks).padStart(5)} ${path}\n`;
}

/** The archive of one release: a top folder, its files by name, and SUMS over all of them. */
function packRelease({ version, date, tree }) {
  const top = `${name}-${version}/`;
  const files = [...tree].map(([path, text]) => ({ path: top + path, bytes: Buffer.from(text) }));
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  const sums = files.map(({ path, bytes }) => sumLine(path, bytes)).join("");
  files.push({ path: `${top}SUMS`, bytes: Buffer.from(sums) });
  const folders = new Set(files.map(({ path }) => path.slice(0, path.lastIndexOf("/") + 1)));
  const mtime = new Date(`${date}T12:00:00Z`);
  const blocks = [
    ...[...folders].sort().map((path) => tarEntry({ path, mtime, type: "Directory", mode: 0o755 })),
    ...files.map(({ path, bytes }) => tarEntry({ path, mtime, type: "File", mode: modeOf(bytes), bytes })),
    Buffer.alloc(1024),
  ];
  return storedGzip(Buffer.concat(blocks));
}

function modeOf(bytes) {
  return bytes.subarray(0, 2).toString() === "#!" ? 0o755 : 0o644;
}

function tarEntry({ bytes = Buffer.alloc(0), ...fields }) {
  const block = Buffer.alloc(512);
  const header = new Header({ ...fields, size: bytes.length, uid: 0, gid: 0, uname: "root", gname: "root" });
  header.encode(block, 0);
  return Buffer.concat([block, bytes, Buffer.alloc(-bytes.length & 511)]);
}

/** gzip without compression: what a compressor makes differs between versions of zlib, this does not. */
function storedGzip(bytes) {
  const parts = [Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])];
  for (let at = 0; at < bytes.length; at += 0xffff) {
    const piece = bytes.subarray(at, at + 0xffff);
    const head = Buffer.alloc(5);
    head.writeUInt8(at + piece.length === bytes.length ? 1 : 0, 0);
    head.writeUInt16LE(piece.length, 1);
    head.writeUInt16LE(piece.length ^ 0xffff, 3);
    parts.push(head, piece);
  }
  const crcAndSize = gzipSync(bytes, { level: 0 }).subarray(-8);
  return Buffer.concat([...parts, crcAndSize]);
}

const [outDir, ...wanted] = process.argv.slice(2);
if (outDir === undefined) {
  console.error("usage: node scripts/pack-demo.js OUTDIR [VERSION...]");
  process.exit(129);
}
const releases = readReleases();
const unknown = wanted.filter((version) => !releases.some((release) => release.version === version));
if (unknown.length > 0) {
  console.error(`pack-demo: no release ${unknown.join(", ")}; releases/demo/series lists them`);
  process.exit(129);
}
mkdirSync(outDir, { recursive: true });
for (const release of releases) {
  if (wanted.length > 0 && !wanted.includes(release.version)) continue;
  const path = join(outDir, `${name}-${release.version}.tar.gz`);
  writeFileSync(`${path}.part`, packRelease(release));
  renameSync(`${path}.part`, path);
  console.log(path);
}
