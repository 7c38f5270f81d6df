// One command in a process group of its own, so that a time limit ends its children too.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { Fault, harnessFault } from "../fault/fault.js";

export interface CommandOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Written as soon as it is there; a promise must not reject. */
  stdin?: string | Uint8Array | Promise<Uint8Array>;
  /** Keeps stdin open as long as we live and wait: a command that reads its end knows that we are gone. */
  holdStdin?: boolean;
  /** After an abort the end of stdin alone asks the command to end, for so long; then it is killed. Default 0. */
  graceMs?: number;
  /** Hard limit in milliseconds; the whole process group is killed. */
  timeoutMs?: number;
  signal?: AbortSignal;
  /** Called with each piece of stdout and stderr as it comes. */
  onOutput?: (chunk: Buffer, stream: "stdout" | "stderr") => void;
  /** How many bytes of each stream to keep in the result; the end is kept. Default 64 MiB. */
  keepBytes?: number;
}

export type CommandEnd =
  | { kind: "exited"; code: number }
  | { kind: "signalled"; signal: NodeJS.Signals }
  | { kind: "timed-out"; afterMs: number };

export interface CommandResult {
  end: CommandEnd;
  stdout: Buffer;
  stderr: string;
  elapsedMs: number;
}

/**
 * Runs argv without a shell. A command that ends, however it ends, is a value; one that can't be started is a
 * harness fault, and an abort is an "interrupted" fault after its process group has been ended.
 */
export async function runCommand(
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const [program, ...args] = argv;
  if (program === undefined) throw harnessFault("no command to run");
  options.signal?.throwIfAborted();
  const started = performance.now();
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: [options.stdin === undefined && !options.holdStdin ? "ignore" : "pipe", "pipe", "pipe"],
  });
  const killGroup = (signal: NodeJS.Signals): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  };
  let timedOut = false;
  let forced: NodeJS.Timeout | undefined;
  let strays: NodeJS.Timeout | undefined; // a daemon that the command left must not hold us by its pipes
  const endGroup = (): void => {
    child.stdin?.end();
    killGroup("SIGTERM");
    forced = setTimeout(() => killGroup("SIGKILL"), 2000);
  };
  const onAbort = (): void => {
    if (options.graceMs === undefined) return endGroup();
    child.stdin?.end();
    forced = setTimeout(endGroup, options.graceMs);
  };
  const timer =
    options.timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          endGroup();
        }, options.timeoutMs);
  options.signal?.addEventListener("abort", onAbort, { once: true });
  const kept = { stdout: keepTail(options.keepBytes), stderr: keepTail(options.keepBytes) };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream]?.on("data", (chunk: Buffer) => {
      kept[stream].add(chunk);
      options.onOutput?.(chunk, stream);
    });
  child.stdin?.on("error", () => undefined); // the command may end without reading it all
  if (options.stdin !== undefined)
    void Promise.resolve(options.stdin).then((bytes) =>
      options.holdStdin ? child.stdin?.write(bytes) : child.stdin?.end(bytes),
    );
  try {
    const end = await new Promise<CommandEnd>((resolve, reject) => {
      child.on("error", (cause) =>
        reject(
          harnessFault(`cannot start ${program}: ${cause.message}`, { cause, hint: "tarbisect doctor" }),
        ),
      );
      child.on("exit", () => {
        child.stdin?.end();
        strays = setTimeout(() => [child.stdout, child.stderr].forEach((pipe) => pipe?.destroy()), 2000);
      });
      child.on("close", (code, signal) =>
        resolve(
          timedOut
            ? { kind: "timed-out", afterMs: options.timeoutMs ?? 0 }
            : code === null
              ? { kind: "signalled", signal: signal ?? "SIGKILL" }
              : { kind: "exited", code },
        ),
      );
    });
    if (options.signal?.aborted) throw new Fault("interrupted", `interrupted while running ${program}`);
    return {
      end,
      stdout: kept.stdout.bytes(),
      stderr: kept.stderr.bytes().toString(),
      elapsedMs: performance.now() - started,
    };
  } finally {
    clearTimeout(timer);
    clearTimeout(forced);
    clearTimeout(strays);
    options.signal?.removeEventListener("abort", onAbort);
    if (forced !== undefined) killGroup("SIGKILL");
  }
}

/** How a command ended, in words: "exit code 2", "signal SIGKILL", "time limit of 30 s". */
export function describeEnd(end: CommandEnd): string {
  switch (end.kind) {
    case "exited":
      return `exit code ${end.code}`;
    case "signalled":
      return `signal ${end.signal} (${constants.signals[end.signal]})`;
    case "timed-out":
      return `time limit of ${end.afterMs / 1000} s`;
  }
}

/** Runs a command that must succeed and gives its stdout; anything else is a harness fault with its last words. */
export async function runChecked(argv: readonly string[], options: CommandOptions = {}): Promise<Buffer> {
  const result = await runCommand(argv, options);
  if (result.end.kind === "exited" && result.end.code === 0) return result.stdout;
  const last = result.stderr.trim().split("\n").slice(-3).join(" | ");
  throw harnessFault(
    `${argv.slice(0, 3).join(" ")} failed: ${describeEnd(result.end)}${last ? `: ${last}` : ""}`,
  );
}

function keepTail(limit = 64 * 1024 * 1024): { add(chunk: Buffer): void; bytes(): Buffer } {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    add(chunk) {
      chunks.push(chunk);
      size += chunk.length;
      while (size - (chunks[0]?.length ?? 0) >= limit) size -= chunks.shift()?.length ?? 0;
    },
    bytes: () => Buffer.concat(chunks),
  };
}
