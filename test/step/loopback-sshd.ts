// A real sshd on 127.0.0.1 with keys of its own, and a folder to put on PATH where `ssh` is OpenSSH's with its settings.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { freePort } from "../target/free-port.js";

const sshd = "/usr/sbin/sshd";
export const hasSshd = existsSync(sshd);

export interface LoopbackSshd {
  /** PATH with our `ssh` first. */
  path: string;
  /** The host as the settings name it. */
  host: string;
  /** The same machine under another name; commands find the name that was used in MACHINE. */
  twin: string;
  /** The server's process id; its connections are its children. */
  pid: number;
  stop(): void;
}

export async function startSshd(): Promise<LoopbackSshd> {
  const folder = mkdtempSync(join(tmpdir(), "tarbisect-sshd-"));
  const at = (name: string): string => join(folder, name);
  const port = await freePort();
  for (const key of ["host", "user"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", at(key)]);
  copyFileSync(at("user.pub"), at("authorized"));
  const server = [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${at("host")}`,
    "StrictModes no",
    "AcceptEnv MACHINE",
  ];
  writeFileSync(
    at("sshd_config"),
    [...server, `AuthorizedKeysFile ${at("authorized")}`, "PidFile none", "UsePAM no", ""].join("\n"),
  );
  const names = ["victim", "twin"].flatMap((name) => [`Host ${name}`, `SetEnv MACHINE=${name}`]);
  const client = [...names, "Host *", "HostName 127.0.0.1", `Port ${port}`, `User ${userInfo().username}`];
  const trust = [
    `IdentityFile ${at("user")}`,
    "IdentitiesOnly yes",
    "StrictHostKeyChecking no",
    "LogLevel ERROR",
  ];
  writeFileSync(at("ssh_config"), [...client, ...trust, `UserKnownHostsFile ${at("known")}`, ""].join("\n"));
  const ssh = execFileSync("sh", ["-c", "command -v ssh"], { encoding: "utf8" }).trim();
  mkdirSync(at("bin"));
  writeFileSync(at("bin/ssh"), `#!/bin/sh\nexec ${ssh} -F ${at("ssh_config")} "$@"\n`, { mode: 0o755 });
  if (userInfo().uid === 0) mkdirSync("/run/sshd", { recursive: true }); // sshd as root refuses to run without it
  const child = spawn(sshd, ["-D", "-e", "-f", at("sshd_config")], { stdio: "ignore" });
  const path = `${at("bin")}:${process.env.PATH ?? ""}`;
  for (;;) {
    const { status } = spawnSync("ssh", ["victim", "true"], { env: { ...process.env, PATH: path } });
    if (status === 0) break;
    if (child.exitCode !== null) throw new Error(`sshd ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { path, host: "victim", twin: "twin", pid: child.pid ?? 0, stop: () => void child.kill("SIGKILL") };
}
