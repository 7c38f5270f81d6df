// What a host says of itself, over a real sshd.
import { mkdtempSync, rmSync } from "node:fs";
import { release, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { readEnvironment } from "../../src/step/environment.js";
import { createTarget } from "../../src/target/target.js";
import { sshTransport } from "../../src/target/transport.js";
import { startSshServer } from "../target/ssh-server.js";

const folder = mkdtempSync(join(tmpdir(), "environment-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it(
  "is asked again when the connection breaks under the question, but not for ever",
  { timeout: 240_000 },
  async () => {
    const count = join(folder, "count");
    // The shell's parent is the connection's own process.
    const breaks = `echo >>${count}; [ $(wc -l <${count}) -gt $LIMIT ] || { kill -9 $PPID; exit 1; }\neval "$SSH_ORIGINAL_COMMAND"\n`;
    const read = async (limit: number): Promise<unknown> => {
      rmSync(count, { force: true });
      const server = await startSshServer({ forced: breaks.replace("$LIMIT", `${limit}`) });
      const target = createTarget({ name: "server", transport: sshTransport(server.ssh) });
      try {
        return await readEnvironment({ name: "server", target, interfaces: [] });
      } finally {
        await target.disconnect();
        server.stop();
      }
    };
    expect(await read(1)).toMatchObject({ environment: { kernel: release() } });
    await expect(read(50)).rejects.toMatchObject({ blame: "target-lost" });
  },
);
