import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

  it.each([
    ["diff v1 v2", ""],
    ["import --from ./vendor", ""],
    ["import --from https://vendor.example/", "ca.pem"],
    ["import i40e", "ca.pem"],
    ["step", "ca.pem"],
  ])(
    "starts %s with the certificates %j, which cost who asks no server half of Node's start",
    (line, kept) => {
      const folder = mkdtempSync(join(tmpdir(), "tarbisect-node-"));
      try {
        const node =
          '#!/bin/sh\ncase "$1" in --version) echo v20.0.0 ;; *) printf %s "$NODE_EXTRA_CA_CERTS" ;; esac\n';
        writeFileSync(join(folder, "node"), node, { mode: 0o755 });
        const env = { PATH: `${folder}:/usr/bin:/bin`, NODE_EXTRA_CA_CERTS: "ca.pem" };
        expect(execFileSync(launcher, line.split(" "), { encoding: "utf8", env })).toBe(kept);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );
});
