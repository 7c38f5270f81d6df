import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../../src/host/run-command.js";
import { createTarget, type Target } from "../../src/target/target.js";
import { localTransport, sshTransport, type Transport } from "../../src/target/transport.js";
import { goWord, wrapCommand } from "../../src/target/remote-command.js";
import { startSshServer, type SshServer } from "./ssh-server.js";

const folder = mkdtempSync(join(tmpdir(), "target-"));
let server: SshServer;
let overSsh: Transport;
const targets = new Map<string, Target>();

beforeAll(async () => {
  server = await startSshServer();
  targets.set("local", createTarget({ name: "local", transport: localTransport }));
  overSsh = sshTransport(server.ssh);
  targets.set("ssh", createTarget({ name: "ssh", transport: overSsh }));
});
afterAll(async () => {
  for (const target of targets.values()) await target.disconnect();
  server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const limit = { timeoutMs: 60_000 };

describe.each(["local", "ssh"])("a target over %s", { timeout: 120_000 }, (way) => {
  const target = (): Target => targets.get(way)!;
  const transport = (): Transport => (way === "ssh" ? overSsh : localTransport);

  it("gives both streams, the exit code and a hostile argument back", async () => {
    const result = await target().run(`printf "it's \\$HOME"; printf 'no newline' >&2; exit 3`, limit);
    expect(result).toMatchObject({ end: { kind: "exited", code: 3 }, stderr: "no newline" });
    expect(result.stdout.toString()).toBe("it's $HOME");
  });

  it("takes 255 of a command as its exit code, not as ssh's", async () => {
    expect((await target().run("exit 255", limit)).end).toEqual({ kind: "exited", code: 255 });
  });

  it("ends the whole process group at the limit", async () => {
    const beat = join(folder, `beat-${way}`);
    const command = `(while :; do date >>${beat}; sleep 0.1; done) & (trap '' TERM; sleep 60) & wait`;
    const result = await target().run(command, { timeoutMs: 1000 });
    expect(result.end).toEqual({ kind: "timed-out", afterMs: 1000 });
    const beats = readFileSync(beat, "utf8").length;
    await new Promise((done) => setTimeout(done, 400));
    expect(readFileSync(beat, "utf8").length).toBe(beats);
  });

  it("streams, and stops on request as a value", async () => {
    const stop = new AbortController();
    const seen: string[] = [];
    const result = await target().run("echo one; sleep 600", {
      timeoutMs: 60_000,
      stop: stop.signal,
      onOutput: (chunk) => {
        seen.push(chunk.toString());
        stop.abort();
      },
    });
    expect(result.end).toEqual({ kind: "stopped" });
    expect(seen.join("")).toBe("one\n");
  });

  it("does not wait for a background process that holds its output", async () => {
    const result = await target().run("sleep 600 & echo done", limit);
    expect(result.stdout.toString()).toBe("done\n");
    expect(result.end).toEqual({ kind: "exited", code: 0 });
  });

  it("sends and fetches as one stream, and takes no links from the target", async () => {
    const [from, to, back] = ["from", "to", "back"].map((name) => join(folder, way + name)) as [
      string,
      string,
      string,
    ];
    await target().check(`mkdir -p ${from}/sub`, limit);
    writeFileSync(join(from, "sub/-odd name'"), Buffer.from([0, 1, 255]));
    await target().send({ folder: from, names: ["sub"] }, to);
    symlinkSync("/etc/passwd", join(to, "sub/link"));
    await target().fetch({ folder: to, names: ["sub"] }, back);
    expect(readFileSync(join(back, "sub/-odd name'"))).toEqual(Buffer.from([0, 1, 255]));
    expect(existsSync(join(back, "sub/link"))).toBe(false);
    await expect(target().fetch({ folder: to, names: ["../x"] }, back)).rejects.toMatchObject({
      blame: "harness",
    });
  });

  it("leaves nothing behind when we are killed", async () => {
    const beat = join(folder, `orphan-${way}`);
    const command = `(trap '' TERM; while :; do date >>${beat}; sleep 0.1; done) & wait`;
    const { script } = wrapCommand(command, { token: "t", timeoutMs: 60_000, hold: true });
    const [program = "", ...args] = transport().argv(script);
    await target().check("true", limit); // the connection that the command uses
    const ours = spawn(program, args, { stdio: ["pipe", "ignore", "pipe"] });
    ours.stdin.write(goWord);
    await expect.poll(() => existsSync(beat), { timeout: 60_000 }).toBe(true);
    ours.stdin.end(); // as the kernel does for a process that was killed
    await new Promise((done) => ours.on("close", done));
    const beats = readFileSync(beat, "utf8").length;
    await new Promise((done) => setTimeout(done, 400));
    expect(readFileSync(beat, "utf8").length).toBe(beats);
  });

  it("runs nothing before it is told that both sides hear each other", async () => {
    const { script } = wrapCommand("echo ran", { token: "t", timeoutMs: 60_000, hold: true });
    const [program = "", ...args] = transport().argv(script);
    await target().check("true", limit); // the connection that the command uses
    const { stdout, stderr } = await runCommand([program, ...args]); // its stdin has ended
    expect([stdout.toString(), stderr]).toEqual(["", "t ready\n"]);
  });

  it("gives the boot id", async () => {
    expect(await target().bootId()).toBe(readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  });
});

describe("an ssh target that is not what it was", () => {
  it("is lost, with ssh's reason, when its host key is not the known one", async () => {
    const original = readFileSync(server.knownHosts, "utf8");
    const other = original.replace(
      /AAAA\S+/,
      "AAAAC3NzaC1lZDI1NTE5AAAAIJ2f0bBZ0m5r1mZbV6zq0v1Qp1GxY1x5m0mFz0jq0000",
    );
    writeFileSync(server.knownHosts, other);
    const target = createTarget({ name: "ssh", transport: sshTransport(server.ssh) });
    const result = await target.run("true", limit);
    writeFileSync(server.knownHosts, original);
    await target.disconnect();
    expect(result.end).toMatchObject({
      kind: "lost",
      detail: expect.stringContaining("verification failed") as string,
    });
  });

  it("is lost when ssh drops in the middle, and can be reached again", async () => {
    const target = createTarget({ name: "ssh", transport: sshTransport(server.ssh) });
    const result = await target.run("echo started; sleep 600", {
      ...limit,
      onOutput: () => server.dropConnections(),
    });
    expect(result.end.kind).toBe("lost");
    expect((await target.run("echo again", limit)).stdout.toString()).toBe("again\n");
    await target.disconnect();
  });

  it("is refused when its name would be an option of ssh", () => {
    expect(() => sshTransport({ destination: "-oProxyCommand=reboot" })).toThrow("is not a host for ssh");
  });
});
