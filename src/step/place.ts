// Where a stage runs: this machine, or one host that OpenSSH's own client reaches as the user's ssh settings say.
import { release } from "node:os";
import { rm } from "node:fs/promises";
import { harnessFault } from "../fault/fault.js";
import { describeEnd, runChecked, runCommand } from "../host/run-command.js";
import type { CommandResult } from "../host/run-command.js";
import { shellQuote } from "./stage-script.js";

export interface Place {
  name: string;
  /** The argv that runs a text with sh there. */
  shell(script: string): readonly string[];
  /** `uname -r` there. */
  kernel(): Promise<string>;
  /** Brings a local folder's content there and gives its path there. */
  bring(folder: string): Promise<string>;
  /** Takes away what `bring` made. */
  clear(path: string): Promise<void>;
}

export const thisMachine: Place = {
  name: "this machine",
  shell: (script) => ["sh", "-c", script],
  kernel: () => Promise.resolve(release()),
  bring: (folder) => Promise.resolve(folder),
  clear: (path) => rm(path, { recursive: true, force: true }),
};

/** No question is ever asked (BatchMode), and a dead connection is noticed within a minute. */
const sshOptions = ["BatchMode=yes", "ConnectTimeout=20", "ServerAliveInterval=15", "ServerAliveCountMax=4"];
const connectTimeoutMs = 10 * 60_000;

/** A host as ssh names it: `user@host`, or a Host of the user's ssh settings. */
export function sshHost(host: string, signal: AbortSignal): Place {
  const shell = (script: string): readonly string[] => [
    "ssh",
    ...sshOptions.flatMap((option) => ["-o", option]),
    "--",
    host,
    `exec sh -c ${shellQuote(script)}`,
  ];
  const tell = async (script: string, stdin?: Uint8Array): Promise<string> => {
    const options = { signal, timeoutMs: connectTimeoutMs, ...(stdin && { stdin }) };
    return expectZero(host, await runCommand(shell(script), options));
  };
  return {
    name: host,
    shell,
    kernel: () => tell("uname -r"),
    async bring(folder) {
      const tar = await runChecked(["tar", "-C", folder, "-cf", "-", "."], { signal });
      const path = await tell(
        `d=$(mktemp -d "\${TMPDIR:-/var/tmp}/tarbisect.XXXXXX") && tar -xf - -C "$d" && echo "$d"`,
        tar,
      );
      if (!/^\/[\w./-]+$/.test(path))
        throw harnessFault(`${host} named no usable folder for the source: ${path}`);
      return path;
    },
    clear: async (path) => {
      await tell(`rm -rf ${shellQuote(path)}`);
    },
  };
}

function expectZero(host: string, { end, stdout, stderr }: CommandResult): string {
  if (end.kind === "exited" && end.code === 0) return stdout.toString().trim();
  throw harnessFault(`${host} can't be used over ssh: ${describeEnd(end)}: ${lastLine(stderr)}`, {
    hint: `ssh -o BatchMode=yes ${host} true`,
  });
}

/** The last line that says something. */
export function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.trim() ?? "";
}
