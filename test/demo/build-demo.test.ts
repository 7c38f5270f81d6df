import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/host/package-root.js";
import { runChecked, runCommand } from "../../src/host/run-command.js";

const kernels = (await readdir("/usr/src").catch(() => []))
  .map((name) => /^linux-headers-(6\.1\.\S+-amd64)$/.exec(name)?.[1])
  .filter((kernel) => kernel !== undefined);

describe.skipIf(kernels.length === 0)("the demo driver on the installed headers", () => {
  let folder = "";
  const make = async (version: string): Promise<{ code: number; output: string }> => {
    const argv = ["make", "-s", "-C", `tbnic-${version}/src`, `BUILD_KERNEL=${kernels[0]!}`];
    const { end, stdout, stderr } = await runCommand(argv, { cwd: folder, timeoutMs: 110_000 });
    return { code: end.kind === "exited" ? end.code : -1, output: stdout.toString() + stderr };
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tarbisect-demo-build-"));
    const versions = ["1.2.1", "1.3.10"];
    await runChecked(["node", join(packageRoot, "scripts/pack-demo.js"), folder, ...versions]);
    for (const version of versions)
      await runChecked(["tar", "-xzf", `tbnic-${version}.tar.gz`], { cwd: folder });
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("builds the lump without a warning", { timeout: 120_000 }, async () => {
    const { code, output } = await make("1.3.10");
    expect(output).not.toMatch(/warning|error/i);
    expect(code).toBe(0);
  });

  it(
    "does not build 1.2.1 without its fixup: Linux 6.1 removed prandom_u32",
    { timeout: 120_000 },
    async () => {
      const { code, output } = await make("1.2.1");
      expect(output).toMatch(/implicit declaration of function .+prandom_u32/);
      expect(code).not.toBe(0);
    },
  );
});
