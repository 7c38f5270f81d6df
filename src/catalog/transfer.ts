// One URL into one part file: resumed when the server still has the same content, tried again when that may help.
import { on } from "node:events";
import { open, readFile, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Fault } from "../fault/fault.js";
import { writeFileAtomically } from "../host/write-file.js";
import { dropPart, partNote } from "./archive-cache.js";
import { describe } from "./network.js";
import type { Answer, Network } from "./network.js";

export interface TransferOptions {
  network: Network;
  signal?: AbortSignal;
  /** How often to ask in all. */
  attempts: number;
  /** The first wait before asking again, in milliseconds; it doubles. */
  pauseMs: number;
  onBytes: (receivedBytes: number, totalBytes: number | undefined) => void;
  onRetry: (reason: string, waitMs: number) => void;
}

export type TransferEnd =
  | { kind: "whole" }
  /** The server says that it has no such file. */
  | { kind: "absent"; reason: string }
  | { kind: "failed"; reason: string };

type Attempt = TransferEnd | { kind: "again"; reason: string; waitMs?: number };

const LONGEST_WAIT_MS = 30_000;
const LARGEST_ARCHIVE_BYTES = 1024 ** 3;
/** Of at most 64 KiB each; beyond this the server waits. */
const MOST_WAITING_CHUNKS = 64;

/** Brings the content of `url` into the file `part`; throws only when interrupted, or when the disk fails. */
export async function transfer(url: string, part: string, options: TransferOptions): Promise<TransferEnd> {
  for (let attempt = 1; ; attempt++) {
    const end = await tryOnce(url, part, options);
    if (end.kind !== "again") return end;
    if (attempt >= options.attempts)
      return { kind: "failed", reason: `${end.reason} (tried ${attempt} times)` };
    const waitMs = Math.min(end.waitMs ?? options.pauseMs * 2 ** (attempt - 1), LONGEST_WAIT_MS);
    options.onRetry(end.reason, waitMs);
    await sleep(waitMs, undefined, { signal: options.signal }).catch(() => throwIfAborted(options.signal));
  }
}

async function tryOnce(url: string, part: string, options: TransferOptions): Promise<Attempt> {
  const resume = await whatIsThere(url, part);
  const answer = await options.network.get(url, {
    signal: options.signal,
    headers: resume ? { range: `bytes=${resume.sizeBytes}-`, "if-range": resume.validator } : {},
  });
  throwIfAborted(options.signal);
  if (answer.kind === "failed") return { kind: answer.again ? "again" : "failed", reason: answer.reason };
  const startByte = resume === undefined ? 0 : startOf(answer, resume.sizeBytes);
  if (startByte === undefined || answer.status >= 300 || answer.status < 200) {
    answer.body.on("error", () => undefined).destroy();
    if (startByte === undefined || answer.status === 416) await dropPart(part);
    return startByte === undefined
      ? { kind: "again", reason: "the rest could not be had", waitMs: 0 }
      : refusal(answer);
  }
  return receive({ url, part, startByte, answer }, options);
}

async function receive(
  { url, part, startByte, answer }: { url: string; part: string; startByte: number; answer: Answered },
  { signal, onBytes }: TransferOptions,
): Promise<Attempt> {
  const totalBytes = totalOf(answer, startByte);
  if ((totalBytes ?? 0) > LARGEST_ARCHIVE_BYTES) {
    answer.body.on("error", () => undefined).destroy();
    return { kind: "failed", reason: `it would be ${totalBytes} bytes long` };
  }
  // From its first byte on: a stream that is cut drops what nobody has taken yet, and nothing could go on there.
  const chunks = on(answer.body, "data", { close: ["end", "close"], highWaterMark: MOST_WAITING_CHUNKS });
  // A 206 need not repeat what the rest was asked for by (RFC 9110, 15.3.7).
  if (startByte === 0) await remember(part, url, answer);
  let receivedBytes = startByte;
  const file = await open(part, startByte > 0 ? "a" : "w");
  try {
    for await (const [chunk] of chunks as AsyncIterable<[Buffer]>) {
      receivedBytes += chunk.length;
      if (receivedBytes > LARGEST_ARCHIVE_BYTES)
        return { kind: "failed", reason: "the server does not stop sending" };
      await file.writeFile(chunk);
      onBytes(receivedBytes, totalBytes);
    }
    await file.sync();
  } catch (error) {
    throwIfAborted(signal);
    if (isDiskError(error)) throw error;
    return { kind: "again", reason: describe(error) };
  } finally {
    answer.body.on("error", () => undefined).destroy();
    await file.close();
  }
  if (totalBytes !== undefined && receivedBytes !== totalBytes)
    return { kind: "again", reason: `${receivedBytes} of ${totalBytes} bytes came` };
  return { kind: "whole" };
}

type Answered = Extract<Answer, { kind: "answered" }>;

/** What of this URL a former attempt left, when the server named a version of it that can be asked for. */
async function whatIsThere(
  url: string,
  part: string,
): Promise<{ sizeBytes: number; validator: string } | undefined> {
  const sizeBytes = await stat(part).then(
    ({ size }) => size,
    () => 0,
  );
  const text = await readFile(partNote(part), "utf8").catch(() => "null");
  const known = parseNote(text);
  return sizeBytes > 0 && known?.url === url ? { sizeBytes, validator: known.validator } : undefined;
}

/** Where the answer starts: 0 for a whole file, undefined when it is another piece than was asked for. */
function startOf(answer: Answered, askedByte: number): number | undefined {
  if (answer.status === 416) return undefined;
  if (answer.status !== 206) return 0;
  const start = /^bytes (\d+)-/.exec(answer.headers["content-range"] ?? "")?.[1];
  return Number(start) === askedByte ? askedByte : undefined;
}

function totalOf(answer: Answered, startByte: number): number | undefined {
  const total = /^bytes \d+-\d+\/(\d+)$/.exec(answer.headers["content-range"] ?? "")?.[1];
  if (total !== undefined) return Number(total);
  const rest = answer.headers["content-length"];
  return rest === undefined ? undefined : startByte + Number(rest);
}

function refusal({ status, headers }: Answered): Attempt {
  const reason = `HTTP ${status}`;
  if (status === 404 || status === 410) return { kind: "absent", reason };
  if (status !== 408 && status !== 429 && status < 500) return { kind: "failed", reason };
  const seconds = Number(headers["retry-after"]);
  return { kind: "again", reason, ...(seconds > 0 ? { waitMs: seconds * 1000 } : {}) };
}

/** Only a strong ETag or a date may go into If-Range (RFC 9110, 13.1.5). */
async function remember(part: string, url: string, { headers }: Answered): Promise<void> {
  const validator = headers.etag?.startsWith('"') ? headers.etag : headers["last-modified"];
  const text = validator === undefined ? "null" : JSON.stringify({ url, validator });
  await writeFileAtomically(partNote(part), text);
}

/** What `remember` wrote: which URL and which version of it a part came from. */
function parseNote(text: string): { url: string; validator: string } | undefined {
  try {
    const note = JSON.parse(text) as { url?: unknown; validator?: unknown } | null;
    const { url, validator } = note ?? {};
    return typeof url === "string" && typeof validator === "string" ? { url, validator } : undefined;
  } catch {
    return undefined; // a kill cut it short
  }
}

function isDiskError(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT", "EIO", "EROFS", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "");
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new Fault("interrupted", "interrupted while downloading");
}
