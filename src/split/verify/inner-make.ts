// kbuild without its long way in: the vendor's make and the kernel's top Makefile ask the same things of the compiler
// and the headers each time, before they call make once more for the objects and once for modpost and the link. Those
// inner calls are noted, and can be made again as they were.
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand, type CommandEnd } from "../../host/run-command.js";

export interface InnerCall {
  cwd: string;
  argv: string[];
  env: NodeJS.ProcessEnv;
}

/** Writes the script to use as make's own MAKE; it notes the inner calls for objects below `folder`. */
export async function writeRecorder(
  path: string,
  { notes, folder }: { notes: string; folder: string },
): Promise<void> {
  await rm(notes, { recursive: true, force: true });
  await mkdir(notes, { recursive: true });
  await writeFile(path, script(notes, folder), { mode: 0o755 });
}

function script(notes: string, folder: string): string {
  return `#!/bin/sh
# Written by tarbisect split: make that notes how kbuild calls it.
objects= own= link=
for a do
  case $a in
    *scripts/Makefile.build) objects=1 ;;
    obj=${folder}|obj=${folder}/*) own=1 ;;
    *scripts/Makefile.modpost|*scripts/Makefile.modfinal) link=1 ;;
  esac
done
[ -n "$objects" ] && [ -n "$own" ] || [ -n "$link" ] || exec make "$@"
if [ -z "$TARBISECT_INNER" ]; then # what an inner call calls itself is made again with it
  export TARBISECT_INNER=1
  note=${notes}/$(date +%s%N)-$$
  printf '%s\\0' "$PWD" "$@" > "$note.args"
  env -0 > "$note.env"
fi
exec make "$@"
`;
}

/** The noted calls in their order. */
export async function readInnerCalls(notes: string): Promise<InnerCall[]> {
  const names = (await readdir(notes)).filter((name) => name.endsWith(".args")).sort();
  return Promise.all(
    names.map(async (name) => {
      const [cwd = "", ...argv] = await fields(join(notes, name));
      const env = (await fields(join(notes, name.replace(/args$/, "env")))).map((entry) => {
        const at = entry.indexOf("=");
        return [entry.slice(0, at), entry.slice(at + 1)] as const;
      });
      return { cwd, argv, env: Object.fromEntries(env) };
    }),
  );
}

async function fields(path: string): Promise<string[]> {
  return (await readFile(path, "utf8")).split("\0").slice(0, -1);
}

export interface InnerRun {
  jobs: number;
  timeoutMs: number;
  signal: AbortSignal;
}

/** Makes the calls again, as far as they succeed. */
export async function runInnerCalls(
  calls: readonly InnerCall[],
  { jobs, timeoutMs, signal }: InnerRun,
): Promise<{ end: CommandEnd; output: string }> {
  let last: { end: CommandEnd; output: string } = { end: { kind: "exited", code: 0 }, output: "" };
  for (const { cwd, argv, env } of calls) {
    const chunks: Buffer[] = [];
    const flags = withoutJobserver(env.MAKEFLAGS ?? "");
    const { end } = await runCommand(["make", `-j${jobs}`, ...argv], {
      cwd,
      env: { ...env, MAKEFLAGS: flags },
      timeoutMs,
      signal,
      onOutput: (chunk) => chunks.push(chunk),
    });
    last = { end, output: Buffer.concat(chunks).toString() };
    if (end.kind !== "exited" || end.code !== 0) break;
  }
  return last;
}

/** The make that the flags came from is gone, and with it the pipe that its jobs were counted by. */
function withoutJobserver(flags: string): string {
  return flags.replace(/(?:^|\s)(?:-j\d*|--jobserver-(?:auth|fds)=\S+)(?=\s|$)/g, " ");
}
