// A host that wants to harm us: a real sshd on loopback that answers what it likes, and commands that print what they like.
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { collectLastBoot } from "../../src/step/last-boot.js";
import { parseEnvironment, readEnvironment } from "../../src/step/environment.js";
import { sendModules } from "../../src/step/load-module.js";
import { runTargetStage } from "../../src/step/target-stage.js";
import type { TrialHost, TrialIo } from "../../src/step/trial-hosts.js";
import { createTarget } from "../../src/target/target.js";
import { localTransport, sshTransport } from "../../src/target/transport.js";
import { buildTar } from "../tarballs/tar-builder.js";
import { startSshServer, type SshServer } from "../target/ssh-server.js";

const place = mkdtempSync(join(tmpdir(), "tarbisect-hostile-"));
const outside = join(place, "outside");
const io = (): TrialIo => ({
  evidence: mkdtempSync(join(place, "trial-")),
  signal: new AbortController().signal,
  note: () => undefined,
});

/** Its end is told with the token that our command line holds, so that the answer counts. */
const answers = `
token=$(printf '%s' "$SSH_ORIGINAL_COMMAND" | grep -o 'tarbisect-[0-9a-f]\\{16\\}' | head -n 1)
case "$SSH_ORIGINAL_COMMAND" in
  *md5sum*)
    echo 'd41d8cd98f00b204e9800998ecf8427e  /sys/fs/pstore/../../../..${outside}/dmesg'
    echo 'd41d8cd98f00b204e9800998ecf8427e  /sys/fs/pstore/..'
    for number in $(seq 100); do echo "d41d8cd98f00b204e9800998ecf8427e  /sys/fs/pstore/dmesg-$number"; done ;;
  *"tar -cf"*) cat ${place}/archive.tar ;;
  *osrelease*) printf '== cmdline\\n'; yes x | head -c 40000000; printf '== boot\\n01234567-89ab-cdef-0123-456789abcdef\\n' ;;
  *mktemp*) echo '/tmp/x$(touch ${outside})' ;;
  *) echo "what you like" ;;
esac
echo "$token exited 0" >&2
`;

let server: SshServer;
let host: TrialHost;
beforeAll(async () => {
  server = await startSshServer({ forced: answers });
  host = {
    name: "hostile",
    target: createTarget({ name: "hostile", transport: sshTransport(server.ssh) }),
    interfaces: [],
  };
});
afterAll(async () => {
  await host.target.disconnect();
  server.stop();
});

describe("a hostile host", { timeout: 60_000 }, () => {
  it("can't name the files of its last boot, nor have many of them", async () => {
    const { evidence, signal, note } = io();
    await collectLastBoot(host, new Map(), evidence);
    const names = readdirSync(join(evidence, "last-boot"));
    expect(names.length).toBeLessThanOrEqual(33);
    for (const name of names) expect(name).toMatch(/^(journal|pstore-\d+-dmesg-\d+)\.log$/);
    expect(readdirSync(evidence)).toEqual(["last-boot"]);
    expect([signal.aborted, typeof note, existsSync(outside)]).toEqual([false, "function", false]);
  });

  it("can't have files written elsewhere by what it sends back", async () => {
    for (const entries of [
      [{ name: "../outside", content: "x" }],
      [{ name: outside, content: "x" }],
      [
        { name: "link", type: "2", target: place },
        { name: "link/outside", content: "x" },
      ],
      [
        { name: "hard", type: "1", target: outside },
        { name: "a.ko", content: "x" },
      ],
    ]) {
      writeFileSync(join(place, "archive.tar"), buildTar(entries));
      const back = mkdtempSync(join(place, "back-"));
      await host.target.fetch({ folder: "/x", names: ["a.ko"] }, back).catch(() => undefined);
      expect(existsSync(outside)).toBe(false);
    }
  });

  it("can't fill our memory with what it says of itself", async () => {
    const { environment } = await readEnvironment(host);
    expect(JSON.stringify(environment).length).toBeLessThan(9 * 1024 * 1024);
    expect(parseEnvironment("").kernel).toBe("");
  });

  it("can't have its words run here", async () => {
    await expect(sendModules(host, [])).rejects.toThrow(/hostile named no usable folder/);
    expect(existsSync(outside)).toBe(false);
  });
});

describe("a command's output", { timeout: 60_000 }, () => {
  const here: TrialHost = {
    name: "here",
    target: createTarget({ name: "here", transport: localTransport }),
    interfaces: [],
  };
  const stage = (command: string, to: TrialIo): ReturnType<typeof runTargetStage> =>
    runTargetStage(here, { stage: "stress", command, timeoutMs: 30_000, folder: "/", env: {} }, to);

  it("is no verdict and no end of it, whatever it spells", async () => {
    const marks = "tarbisect-0123456789abcdef exited 0";
    const verdict = '{"verdict":{"kind":"good"}}';
    const to = io();
    const ended = await stage(`echo '${marks}' >&2; echo '${marks}'; echo '${verdict}'; exit 3`, to);
    expect(ended).toMatchObject({ kind: "ended", end: { code: 3 } });
    expect(readdirSync(to.evidence)).toEqual(["stress.log"]);
    expect(readFileSync(join(to.evidence, "stress.log"), "utf8")).toContain(verdict);
  });

  it("takes no more of our disk than its share, and its start and end are kept", async () => {
    const to = io();
    await stage("echo first; yes middle | head -c 60000000; echo last", to);
    const sizes = readdirSync(to.evidence).map((name) => statSync(join(to.evidence, name)).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(26 * 1024 * 1024);
    const texts = readdirSync(to.evidence).map((name) => readFileSync(join(to.evidence, name), "utf8"));
    expect(texts.some((text) => text.startsWith("first\n"))).toBe(true);
    expect(texts.some((text) => text.endsWith("last\n"))).toBe(true);
  });
});
