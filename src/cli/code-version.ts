import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../host/package-root.js";

/** Tells one build from another, for what is kept of its results: the package's version, and when it was built. */
export function codeVersion(): string {
  const hash = createHash("sha1").update(readFileSync(join(packageRoot, "package.json")));
  const { size, mtimeMs } = statSync(join(packageRoot, "dist/cli/main.cjs"));
  return hash.update(`${size} ${mtimeMs}`).digest("hex").slice(0, 12);
}
