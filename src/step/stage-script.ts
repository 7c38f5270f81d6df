// A stage's command under a guard, the same on this machine and over ssh. The guard's stdin is held open by us: when
// it ends (we were killed, the connection broke, the time is over), the guard ends the command's whole process group.
// The command's end comes as a line of its own on stderr, so that ssh's 255 can't be taken for the command's.

/** One word for a POSIX shell. */
export function shellQuote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

export interface StageScript {
  command: string;
  folder: string;
  env: Readonly<Record<string, string>>;
  /** Unguessable, names the line that tells the end. */
  token: string;
}

/** The text for `sh -c`; the command's stdout and stderr both come on stdout. */
export function stageScript({ command, folder, env, token }: StageScript): string {
  const exports = Object.entries(env).map(([name, value]) => `export ${name}=${shellQuote(value)}`);
  return [
    ...exports,
    `cd ${shellQuote(folder)} || { echo '${token} no-folder' >&2; exit 0; }`,
    `command -v setsid >/dev/null || { echo '${token} no-setsid' >&2; exit 0; }`,
    `exec 3<&0`,
    `setsid sh -c ${shellQuote(command)} </dev/null 2>&1 3<&- &`,
    `job=$!`,
    `end_job() { kill -s TERM -- -$job; sleep 1; kill -s KILL -- -$job; }`,
    `( trap '' TERM HUP INT; read -r _ <&3; end_job ) >/dev/null 2>&1 &`,
    `watch=$!`,
    `exec 3<&-`,
    `trap 'end_job 2>/dev/null; exit 0' TERM HUP INT`,
    `wait $job; code=$?`,
    `trap '' TERM HUP INT`,
    `kill -s KILL $watch 2>/dev/null`,
    `kill -s KILL -- -$job 2>/dev/null`, // what the command left in its group
    `echo "${token} $code $(df -Pk . 2>/dev/null | tail -n 1)" >&2`,
    `exit 0`,
  ].join("\n");
}

/** What the guard told of the command's end; undefined: it told nothing, so nobody knows how the command ended. */
export function parseStageEnd(
  stderr: string,
  token: string,
):
  | { kind: "ended"; code: number; freeBytes: number | undefined }
  | { kind: "not-started"; why: string }
  | undefined {
  const line = stderr.split("\n").find((text) => text.startsWith(`${token} `));
  if (line === undefined) return undefined;
  const [, code = "", , , , freeKib = ""] = line.split(/\s+/);
  if (!/^\d+$/.test(code)) return { kind: "not-started", why: code };
  return {
    kind: "ended",
    code: Number(code),
    freeBytes: /^\d+$/.test(freeKib) ? Number(freeKib) * 1024 : undefined,
  };
}
