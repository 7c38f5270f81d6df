// A machine that commands run on: over ssh, or this one.
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract } from "tar";
import { Fault, harnessFault } from "../fault/fault.js";
import { describeEnd, runChecked, runCommand, type CommandResult } from "../host/run-command.js";
import type { BmcController } from "./bmc/controller.js";
import type { ConsoleSource } from "./console/console-source.js";
import type { PowerSwitch } from "./power.js";
import { endGroupScript, goWord, MarkReader, quote, wrapCommand, type RemoteEnd } from "./remote-command.js";
import type { Transport } from "./transport.js";

export interface RunOptions {
  /** Hard limit; the target itself ends the command's whole process group. */
  timeoutMs: number;
  stdin?: Uint8Array;
  /** Each piece as it comes; stderr in whole lines. */
  onOutput?: (chunk: Buffer, stream: "stdout" | "stderr") => void;
  /** Ends the command early, as a value (`stopped`). */
  stop?: AbortSignal;
  /** The user's interrupt: the command is ended and a fault is thrown. */
  signal?: AbortSignal;
  /** How much of stdout the result keeps, its end; default 64 MiB. */
  keepBytes?: number;
}

export interface RemoteResult {
  end: RemoteEnd;
  stdout: Buffer;
  /** Its last 256 KiB. */
  stderr: string;
  elapsedMs: number;
}

/** What may be asked of a machine under test or of a traffic peer. */
export interface Target {
  name: string;
  /**
   * Runs POSIX sh text. Whatever it started in its own process group ends with it, and with us when we are killed; what
   * should stay needs `setsid`.
   * A target that can't be reached or dies is a `lost` end; only an interrupt throws.
   */
  run(command: string, options: RunOptions): Promise<RemoteResult>;
  /** Runs what must succeed and gives its stdout as text; harness fault otherwise. */
  check(command: string, options: RunOptions): Promise<string>;
  /** Copies files and folders of a local folder, by name, into a folder of the target, as one stream. */
  send(from: { folder: string; names: readonly string[] }, toFolder: string): Promise<void>;
  /** The other way; only plain files and folders are taken over. */
  fetch(from: { folder: string; names: readonly string[] }, toFolder: string): Promise<void>;
  /** The kernel's random id of this boot, or undefined when the target does not answer within 15 s. */
  bootId(): Promise<string | undefined>;
  power: PowerSwitch | undefined;
  /** Where its serial console can be read, when it has one. */
  console: ConsoleSource | undefined;
  /** Its management controller, when the settings name one. */
  bmc: BmcController | undefined;
  /** Drops the shared connection, e.g. after a reboot; the next command makes a new one. */
  disconnect(): Promise<void>;
}

/** After its limit a command gets this long to end and to say so; then the target counts as lost. */
const graceMs = 10_000;
const copyLimitMs = 300_000;
/** What a target may send us of its files: a driver's modules with all their debug information fit in. */
const fetchLimitBytes = 512 * 1024 * 1024;
/** Characters of stderr that a result keeps, its end: a target may print for hours. */
const stderrKept = 256 * 1024;

export function createTarget(input: {
  name: string;
  transport: Transport;
  power?: PowerSwitch | undefined;
  console?: ConsoleSource | undefined;
}): Target {
  const { name, transport } = input;
  const run = (command: string, options: RunOptions): Promise<RemoteResult> =>
    runOver(transport, command, options);
  const check = async (command: string, options: RunOptions): Promise<string> => {
    const result = await run(command, options);
    if (result.end.kind === "exited" && result.end.code === 0) return result.stdout.toString();
    throw harnessFault(`${name}: ${command.slice(0, 80)}: ${describeRemoteEnd(result)}`);
  };
  return {
    name,
    run,
    check,
    send: async (from, toFolder) => {
      const names = from.names.map(pathBelow);
      const packed = await runChecked(["tar", "-cf", "-", "-C", from.folder, "--", ...names], {
        keepBytes: Number.MAX_SAFE_INTEGER,
      });
      const script = `mkdir -p -- ${quote(toFolder)} && tar -xf - -C ${quote(toFolder)}`;
      await check(script, { timeoutMs: copyLimitMs, stdin: packed });
    },
    fetch: async (from, toFolder) => {
      const words = from.names.map((word) => quote(pathBelow(word))).join(" ");
      const tooMuch = new AbortController();
      let size = 0;
      const result = await run(`tar -cf - -C ${quote(from.folder)} -- ${words}`, {
        timeoutMs: copyLimitMs,
        keepBytes: fetchLimitBytes,
        stop: tooMuch.signal,
        onOutput: (chunk, stream) => {
          if (stream === "stdout") size += chunk.length;
          if (size > fetchLimitBytes) tooMuch.abort();
        },
      });
      if (size > fetchLimitBytes)
        throw harnessFault(`${name} sends more than ${fetchLimitBytes / 1024 ** 2} MiB of ${from.folder}`);
      if (result.end.kind !== "exited" || result.end.code !== 0)
        throw harnessFault(`${name}: cannot fetch from ${from.folder}: ${describeRemoteEnd(result)}`);
      await unpackHere(result.stdout, toFolder);
    },
    bootId: async () => {
      const result = await run("cat /proc/sys/kernel/random/boot_id", { timeoutMs: 5000 });
      return /^[0-9a-f-]{36}$/m.exec(result.stdout.toString())?.[0];
    },
    power: input.power,
    console: input.console,
    bmc: undefined,
    disconnect: () => transport.disconnect(),
  };
}

/** In words: "exit code 2: no space left", "lost: Connection refused". */
export function describeRemoteEnd({ end, stderr }: RemoteResult): string {
  const last = stderr.trim().split("\n").at(-1) ?? "";
  switch (end.kind) {
    case "exited":
      return `exit code ${end.code}${last ? `: ${last}` : ""}`;
    case "timed-out":
      return `time limit of ${end.afterMs / 1000} s`;
    case "stopped":
      return "stopped";
    case "lost":
      return `lost: ${end.detail}`;
  }
}

/** Dropbear before 2024.86 closes a session that is not begun yet when another one ends just then. */
const triesToBegin = 3;

async function runOver(transport: Transport, command: string, options: RunOptions): Promise<RemoteResult> {
  for (let tries = 1; ; tries++) {
    const refusal = await transport.connect(options.signal);
    if (refusal !== undefined)
      return { end: { kind: "lost", detail: refusal }, stdout: Buffer.alloc(0), stderr: "", elapsedMs: 0 };
    const session = transport.session();
    const result = await runOnce(transport, command, options);
    if (result.end.kind === "lost") {
      if (result.neverBegun && tries < triesToBegin) continue;
      await transport.disconnect(session);
    }
    return result;
  }
}

/** `neverBegun`: the connection lives, but the session was closed before the command could run. */
async function runOnce(
  transport: Transport,
  command: string,
  options: RunOptions,
): Promise<RemoteResult & { neverBegun: boolean }> {
  const token = `tarbisect-${randomBytes(8).toString("hex")}`;
  const marks = new MarkReader(token);
  let go: (bytes: Uint8Array) => void = () => undefined;
  const heard = new Promise<Uint8Array>((resolve) => (go = resolve));
  const kept = keepEnd(stderrKept);
  const keep = (text: string): void => {
    if (marks.ready) go(Buffer.concat([Buffer.from(goWord), options.stdin ?? Buffer.alloc(0)]));
    if (text === "") return;
    kept.add(text);
    options.onOutput?.(Buffer.from(text), "stderr");
  };
  const cut = new AbortController();
  const endRemote = async (): Promise<void> => {
    if (marks.group !== undefined)
      await runCommand(transport.argv(endGroupScript(marks.group)), { timeoutMs: 5000 });
    setTimeout(() => cut.abort(), 2000).unref();
  };
  const stopping = (): void => void endRemote().catch(() => cut.abort());
  const interests = [options.stop, options.signal].filter((each) => each !== undefined);
  for (const each of interests) each.addEventListener("abort", stopping, { once: true });
  try {
    const hold = options.stdin === undefined;
    const { timeoutMs } = options;
    const result = await runCommand(transport.argv(wrapCommand(command, { token, timeoutMs, hold }).script), {
      timeoutMs: timeoutMs + graceMs,
      signal: cut.signal,
      stdin: heard,
      ...(hold && { holdStdin: true }),
      ...(options.keepBytes !== undefined && { keepBytes: options.keepBytes }),
      onOutput: (chunk, stream) => {
        if (stream === "stderr") keep(marks.push(chunk.toString()));
        else options.onOutput?.(chunk, stream);
      },
    }).catch((error: unknown) => stoppedResult(error, cut.signal));
    keep(marks.finish());
    if (options.signal?.aborted) throw new Fault("interrupted", `interrupted while running ${command}`);
    const end = options.stop?.aborted
      ? ({ kind: "stopped" } as const)
      : remoteEnd(marks, { ...result, stderr: kept.text() }, options);
    const neverBegun = !marks.ready && result.end.kind === "exited" && result.stderr === "";
    return { end, stdout: result.stdout, stderr: kept.text(), elapsedMs: result.elapsedMs, neverBegun };
  } finally {
    for (const each of interests) each.removeEventListener("abort", stopping);
  }
}

function keepEnd(limit: number): { add(text: string): void; text(): string } {
  const pieces: string[] = [];
  let size = 0;
  return {
    add(text) {
      pieces.push(text);
      size += text.length;
      while (pieces.length > 1 && size - (pieces[0]?.length ?? 0) >= limit)
        size -= pieces.shift()?.length ?? 0;
    },
    text: () => pieces.join("").slice(-limit),
  };
}

function remoteEnd(marks: MarkReader, result: CommandResult, options: RunOptions): RemoteEnd {
  if (marks.end === "limit") return { kind: "timed-out", afterMs: options.timeoutMs };
  if (marks.end !== undefined) return { kind: "exited", code: marks.end };
  if (result.end.kind === "timed-out") return { kind: "lost", detail: "the target stopped answering" };
  const said = result.stderr.trim().split("\n").at(-1);
  return { kind: "lost", detail: said || `the connection ended (${describeEnd(result.end)}) without a word` };
}

function stoppedResult(error: unknown, cut: AbortSignal): CommandResult {
  if (!cut.aborted) throw error;
  return { end: { kind: "signalled", signal: "SIGTERM" }, stdout: Buffer.alloc(0), stderr: "", elapsedMs: 0 };
}

async function unpackHere(archive: Buffer, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const plain = ["File", "OldFile", "ContiguousFile", "Directory"];
  await pipeline(
    Readable.from([archive]),
    extract({
      cwd: folder,
      strict: true,
      filter: (_, entry) => "type" in entry && plain.includes(entry.type),
    }),
  );
}

function pathBelow(name: string): string {
  if (name === "" || name.startsWith("/") || name.split("/").includes(".."))
    throw harnessFault(`"${name}" does not lie below the folder to copy from`);
  return name;
}
