import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../host/package-root.js";

/**
 * Tells one state of these rooms' code from another, for what is kept of their results: the package's version, and each
 * file's size and time, which a build changes.
 */
export function codeVersion(rooms: readonly string[]): string {
  const hash = createHash("sha1").update(readFileSync(join(packageRoot, "package.json")));
  for (const room of rooms) {
    const folder = new URL(`../${room}/`, import.meta.url);
    for (const name of readdirSync(folder).sort()) {
      const { size, mtimeMs } = statSync(new URL(name, folder));
      hash.update(`${room}/${name} ${size} ${mtimeMs}\n`);
    }
  }
  return hash.digest("hex").slice(0, 12);
}
