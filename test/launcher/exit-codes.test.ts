import { execFileSync, spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";

const launcher = new URL("../../bin/tarbisect.js", import.meta.url).pathname;

function run(
  args: string[],
  env: NodeJS.ProcessEnv = process.env,
): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync(launcher, args, { encoding: "utf8", env });
  return { status, stderr };
}

describe("the launcher", () => {
  it("prints its version", () => {
    expect(execFileSync(launcher, ["--version"], { encoding: "utf8" })).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it("ends an unknown option and an unknown command with 129", () => {
    expect(run(["--nonsense"])).toMatchObject({ status: 129 });
    expect(run(["nonsense"])).toMatchObject({ status: 129 });
  });

  it("is not fooled by a hook in NODE_OPTIONS", () => {
    expect(run(["--nonsense"], { ...process.env, NODE_OPTIONS: "--require /nowhere.js" })).toMatchObject({
      status: 129,
    });
  });
});
