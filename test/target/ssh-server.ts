// A real sshd on loopback with keys of its own, so that targets are tested as they are used.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { SshOptions } from "../../src/target/transport.js";
import { freePort } from "./free-port.js";

export interface SshServer {
  ssh: SshOptions;
  knownHosts: string;
  dropConnections(): void;
  stop(): void;
}

/** `forced`: sh that answers in place of every command, which it finds in SSH_ORIGINAL_COMMAND. */
export async function startSshServer({ forced }: { forced?: string } = {}): Promise<SshServer> {
  const folder = mkdtempSync(join(tmpdir(), "sshd-"));
  const path = (name: string): string => join(folder, name);
  for (const key of ["host", "client"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path(key)]);
  const port = await freePort();
  const [type, key] = readFileSync(path("host.pub"), "utf8").split(" ");
  writeFileSync(path("known_hosts"), `[127.0.0.1]:${port} ${type} ${key}\n`);
  writeFileSync(
    path("sshd_config"),
    [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${path("host")}`,
      `AuthorizedKeysFile ${path("client.pub")}`,
      `PidFile ${path("pid")}`,
      "StrictModes no",
      "UsePAM no",
      "PermitRootLogin prohibit-password",
      ...(forced === undefined ? [] : [`ForceCommand sh ${path("forced")}`]),
    ].join("\n"),
  );
  if (forced !== undefined) writeFileSync(path("forced"), forced);
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true });
  const server = spawn("/usr/sbin/sshd", ["-D", "-e", "-f", path("sshd_config")], { stdio: "pipe" });
  const log: string[] = [];
  server.stderr.on("data", (text: Buffer) => log.push(text.toString()));
  for (let tries = 0; !existsSync(path("pid")); tries++) {
    if (server.exitCode !== null || tries > 1200) throw new Error(`sshd did not start: ${log.join("")}`);
    await new Promise((done) => setTimeout(done, 50));
  }
  const settings = ["IdentitiesOnly=yes", `IdentityFile=${path("client")}`];
  return {
    ssh: {
      destination: `${userInfo().username}@127.0.0.1`,
      options: [
        ...["-F", "/dev/null", "-p", `${port}`],
        ...[...settings, `UserKnownHostsFile=${path("known_hosts")}`].flatMap((each) => ["-o", each]),
      ],
    },
    knownHosts: path("known_hosts"),
    dropConnections: () => void execFileSync("pkill", ["-KILL", "-P", String(server.pid)]),
    stop: () => {
      server.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
