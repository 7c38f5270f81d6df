// How a script reaches a target: this machine's own sh, or OpenSSH's client with the user's configuration.
import { mkdtempSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { usageFault } from "../fault/fault.js";
import { runCommand } from "../host/run-command.js";
import { quote } from "./remote-command.js";

export interface Transport {
  /** The local command that runs a script for a login shell on the target. */
  argv(script: string): readonly string[];
  /** Undefined when the target can be reached, otherwise why not. */
  connect(signal?: AbortSignal): Promise<string | undefined>;
  /** Names the shared connection that commands use now. */
  session(): number;
  /**
   * Ends the shared connection; the next call makes a new one. Given a session, only that one: of two commands that
   * lose a connection, the later must not end what the earlier has already opened anew.
   */
  disconnect(session?: number): Promise<void>;
}

export interface SshOptions {
  /** As ssh takes it: an alias of the user's ssh config, a host, or user@host. */
  destination: string;
  /** More options for ssh, e.g. ["-p", "2222"]. */
  options?: readonly string[];
  /** Commands run through `sudo -n`. */
  sudo?: boolean;
}

// A dead target is noticed after 3 x 3 s; a known_hosts entry must exist, since nothing may ask.
const always = [
  ...["-T", "-x", "-a", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", "ConnectTimeout=10"],
  ...["-o", "ServerAliveInterval=3", "-o", "ServerAliveCountMax=3", "-o", "LogLevel=ERROR"],
];

/** A connection that nobody uses, since we were killed, ends by itself. */
const idleSeconds = 600;

export const localTransport: Transport = {
  argv: (script) => ["sh", "-c", script],
  connect: () => Promise.resolve(undefined),
  session: () => 0,
  disconnect: () => Promise.resolve(),
};

/** One master connection, started on first need and shared by every command. */
export function sshTransport(ssh: SshOptions): Transport {
  if (!/^[^-\s][^\s]*$/.test(ssh.destination)) throw usageFault(`"${ssh.destination}" is not a host for ssh`);
  let folder: string | undefined;
  let connected: Promise<string | undefined> | undefined;
  let session = 0;
  const controlPath = (): string => join((folder ??= mkdtempSync(join(tmpdir(), "tarbisect-ssh-"))), "c");
  const argv = (more: readonly string[]): string[] => [
    // ssh takes the first value of an option: what the caller chose goes before our defaults.
    ...["ssh", ...(ssh.options ?? []), ...always, "-o", `ControlPath=${controlPath()}`, ...more],
    ...["--", ssh.destination],
  ];
  return {
    argv: (script) => [
      ...argv(["-o", "ControlMaster=no"]),
      ssh.sudo ? `sudo -n sh -c ${quote(script)}` : script,
    ],
    async connect(signal) {
      connected ??= startMaster(
        argv(["-M", "-N", "-f", "-o", `ControlPersist=${idleSeconds}`]),
        controlPath(),
        signal,
      );
      const refusal = await connected;
      if (refusal !== undefined) connected = undefined;
      return refusal;
    },
    session: () => session,
    async disconnect(only) {
      const ended = folder;
      if (ended === undefined || (only !== undefined && only !== session)) return;
      const leave = argv(["-O", "exit"]);
      session++;
      folder = connected = undefined;
      await runCommand(leave, { timeoutMs: 5000 });
      await rm(ended, { recursive: true, force: true });
    },
  };
}

// The master stays behind and would keep a pipe of ours open for ever: its words go to a file.
async function startMaster(
  argv: readonly string[],
  controlPath: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const log = `${controlPath}.log`;
  const result = await runCommand(["sh", "-c", 'exec "$@" >"$0" 2>&1 </dev/null', log, ...argv], {
    timeoutMs: 30_000,
    ...(signal && { signal }),
  });
  if (result.end.kind === "exited" && result.end.code === 0) return undefined;
  const words = (await readFile(log, "utf8").catch(() => "")).trim().split("\n").at(-1);
  return words === undefined || words === "" ? "ssh gave no reason" : words;
}
