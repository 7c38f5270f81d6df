// A driver's history made longer: its releases again and again under later versions, a third of their files edited.
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";

/**
 * Writes `count` archives: those of `from` first, then edited copies.
 * @param {{ from: string, into: string, count: number }} options folders
 */
export function makeReleases({ from, into, count }) {
  mkdirSync(into, { recursive: true });
  const names = readdirSync(from)
    .filter((name) => name.endsWith(".tar.gz"))
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const driver = names[0].replace(/-v?\d.*$/, "");
  for (let at = 0; at < count; at++) {
    const source = join(from, names[at % names.length]);
    const round = Math.floor(at / names.length);
    if (round === 0) copyFileSync(source, join(into, names[at]));
    else {
      const plain = gunzipSync(readFileSync(source));
      edit(plain, at);
      const version = `${100 + round}.${at % names.length}.0`;
      writeFileSync(join(into, `${driver}-${version}.tar.gz`), gzipSync(plain, { level: 1 }));
    }
  }
}

/** Edits in place and of the same length, so that the tar's headers stay right: eight digits after every third comment's end. */
function edit(plain, seed) {
  const mark = Buffer.from(String(10_000_000 + seed));
  let files = 0;
  for (let at = 0; at + 512 <= plain.length && plain[at] !== 0;) {
    const sizeBytes = parseInt(plain.toString("latin1", at + 124, at + 135), 8) || 0;
    const start = at + 512;
    if (sizeBytes > 4096 && files++ % 3 === seed % 3) mark.copy(plain, start + 300 + (seed % 7) * 400);
    at = start + Math.ceil(sizeBytes / 512) * 512;
  }
}
