// The real launcher in a package whose command line is a stub: accidents are injected without a back door in the product.
import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const launcher = fileURLToPath(new URL("../../bin/tarbisect.js", import.meta.url));

/** A package folder with the real bin/tarbisect.js and `main` as its dist/cli/main.cjs; gives the launcher's path. */
export function packageWithMain(main: string | undefined): string {
  const folder = mkdtempSync(join(tmpdir(), "tarbisect-stub-"));
  mkdirSync(join(folder, "bin"));
  mkdirSync(join(folder, "dist/cli"), { recursive: true });
  copyFileSync(launcher, join(folder, "bin/tarbisect.js"));
  copyFileSync(join(dirname(launcher), "package.json"), join(folder, "bin/package.json"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  if (main !== undefined) writeFileSync(join(folder, "dist/cli/main.cjs"), main);
  return join(folder, "bin/tarbisect.js");
}
