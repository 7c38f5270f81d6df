// doctor --target on this machine as the target, and on hosts that can't be reached.
import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { launcher } from "../launcher/stub-package.js";

function doctor(settings: string, ...more: string[]) {
  const folder = mkdtempSync(join(tmpdir(), "doctor-target-"));
  writeFileSync(join(folder, "tarbisect.yaml"), settings);
  const env = { ...process.env, TARBISECT_CACHE: folder };
  return spawnSync(launcher, ["doctor", "--target", ...more], { cwd: folder, encoding: "utf8", env });
}

it("says of every host what is missing there and how to get it", { timeout: 60_000 }, () => {
  const { status, stdout, stderr } = doctor(`driver: igb
hosts:
  here: { local: true, kernel: 9.9.9-none, interfaces: [{ mac: "02:00:00:00:00:99" }] }
  there: { ssh: "nobody@no-such-host.invalid" }
  gone: { lab: nolab/target }
target: here
peers: [there, gone]
stress: { flows: [{ from: there, to: here }] }
`);
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^here:\nok {8}reached +kernel \S+, .+$/m);
  expect(stdout).toMatch(
    /^MISSING {3}kernel +\S+ is booted, the settings want 9\.9\.9-none\n +-> boot the other one/m,
  );
  expect(stdout).toMatch(/^ok {8}insmod, rmmod, modprobe +loading the module$/m);
  expect(stdout).toMatch(/^MISSING {3}interface 0 +mac 02:00:00:00:00:99\n +-> /m);
  expect(stdout).toMatch(/^not here {2}power .*\n +-> set hosts\.NAME\.power/m);
  expect(stdout).toMatch(
    /^there:\nMISSING {3}reached +lost: .*no-such-host.*\n +-> ssh -o BatchMode=yes nobody@no-such-host\.invalid true$/m,
  );
  expect(stdout).toMatch(/^gone:\nMISSING {3}reached +the lab is not up\n +-> tarbisect lab up$/m);
  expect(status).toBe(128);
});

it("needs settings with a target", () => {
  expect(doctor("build: { run: make }\nstress: { run: ./test }\n")).toMatchObject({
    status: 129,
    stderr: expect.stringContaining("the settings name no target") as string,
  });
});
