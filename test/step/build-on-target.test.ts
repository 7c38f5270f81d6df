// build.on: target on a host that a real sshd serves: the source goes there, make runs there, the module comes back.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ensureKernel } from "../../src/build/kernels.js";
import { loadCatalog } from "../../src/catalog/catalog.js";
import { cacheFolder } from "../../src/host/cache-folder.js";
import { buildForTarget, type BuildOutcome } from "../../src/step/build-for-target.js";
import { commitUnderTest } from "../../src/step/commit-under-test.js";
import { buildShape } from "../../src/step/module-settings.js";
import type { TrialHost } from "../../src/step/trial-hosts.js";
import { createTarget } from "../../src/target/target.js";
import { sshTransport } from "../../src/target/transport.js";
import { startSshServer, type SshServer } from "../target/ssh-server.js";
import { fixtureRepository } from "./fixture-driver.js";

const work = mkdtempSync(join(tmpdir(), "build-there-"));
let server: SshServer;
let host: TrialHost;
let headers = "";
let running = "";

beforeAll(async () => {
  const kernel = await ensureKernel("6.1", { cacheFolder: cacheFolder(process.env) });
  headers = kernel.headers!;
  running = kernel.release;
  server = await startSshServer();
  const target = createTarget({ name: "there", transport: sshTransport(server.ssh) });
  host = { name: "there", target, interfaces: [] };
}, 300_000);
afterAll(async () => {
  await host.target.disconnect();
  server.stop();
  rmSync(work, { recursive: true, force: true });
});

async function build(top: string): Promise<BuildOutcome> {
  const fixture = fixtureRepository([{ version: "1.0", top }]);
  const evidence = mkdtempSync(join(work, "trial-"));
  const outcome = await buildForTarget(
    {
      catalog: await loadCatalog(fixture.catalog),
      settings: buildShape.parse({ on: "target", run: `pwd; make -C '${headers}' M="$PWD/src" modules` }),
      kernel: undefined,
      cacheFolder: join(work, "cache"),
    },
    { under: await commitUnderTest(fixture.repository), host, running },
    { evidence, signal: new AbortController().signal, note: () => undefined },
  );
  const [folder = ""] = readFileSync(join(evidence, "build.log"), "utf8").split("\n");
  expect(folder).toMatch(/^\/\S*\/tarbisect-build\.\w+$/);
  expect(await host.target.check(`ls -d ${folder} 2>&1 || true`, { timeoutMs: 60_000 })).toMatch(/No such/);
  return outcome;
}

it("gives the module for the target's kernel, and takes its folder away", { timeout: 240_000 }, async () => {
  expect(await build("")).toMatchObject({
    kind: "built",
    cached: false,
    modules: [{ file: { name: "tbfix", vermagic: expect.stringContaining(running) as string } }],
  });
});

it("tells the first error of a release that does not build there", { timeout: 240_000 }, async () => {
  expect(await build("this does not compile")).toMatchObject({
    kind: "failed",
    detail: expect.stringMatching(/tbfix\.c:\d+: /) as string,
  });
});
