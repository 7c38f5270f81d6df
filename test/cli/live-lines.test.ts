import { expect, it } from "vitest";
import { downloadProgress } from "../../src/cli/download-progress.js";
import { liveLines } from "../../src/cli/live-lines.js";

const release = (version: string) => ({ driver: "own", version, urls: [], withdrawn: false });
const url = "http://127.0.0.1/a";

/** What is on a terminal after all that was written: enough of one for lines that move up and are cleared. */
function screenOf(text: string): string[] {
  const lines = [""];
  for (const [piece] of text.matchAll(/\x1b\[\d+A|\x1b\[J|[^\x1b]/g)) {
    const up = /\[(\d+)A/.exec(piece)?.[1];
    if (up) lines.length -= Number(up);
    else if (piece === "\n") lines.push("");
    else if (piece === "\r") lines[lines.length - 1] = "";
    else if (piece.length === 1) lines.push(`${lines.pop()}${piece}`);
  }
  return lines;
}

function progressOn(columns: number | undefined): {
  events: ReturnType<typeof downloadProgress>;
  text: () => string;
} {
  let [written, nowMs] = ["", 0];
  const write = (text: string): void => void (written += text);
  const events = downloadProgress(liveLines({ write, columns, nowMs: () => (nowMs += 150) }));
  return { events, text: () => written };
}

it("a terminal shows a line for each transfer, rewritten in place, above it what has ended", () => {
  const { events, text } = progressOn(40);
  events({ kind: "receiving", release: release("1.0"), url, receivedBytes: 512, totalBytes: 2048 });
  events({ kind: "receiving", release: release("1.1"), url, receivedBytes: 1024 });
  events({ kind: "receiving", release: release("1.0"), url, receivedBytes: 1024, totalBytes: 2048 });
  expect(screenOf(text())).toEqual([
    "own 1.0: 1.0 KiB of 2.0 KiB, 50 %",
    "in sum 0 files, 0 B",
    "own 1.1: 1.0 KiB",
    "",
  ]);
  events({ kind: "retrying", release: release("1.1"), url, reason: "the connection was cut", waitMs: 500 });
  events({ kind: "done", release: release("1.0"), sizeBytes: 2048 });
  expect(screenOf(text())).toEqual([
    `own 1.1: the connection was cut; asking again in 0.5 s: ${url}`,
    "own 1.0: 2.0 KiB (in sum 1 file, 2.0 KiB)",
    "",
  ]);
});

it("a log gets a plain line for what has ended, and nothing else", () => {
  const { events, text } = progressOn(undefined);
  events({ kind: "receiving", release: release("1.0"), url, receivedBytes: 512, totalBytes: 2048 });
  events({ kind: "done", release: release("1.0"), sizeBytes: 2048 });
  events({ kind: "gave-up", release: release("1.1"), url, reason: "HTTP 404" });
  expect(text()).toBe(`own 1.0: 2.0 KiB (in sum 1 file, 2.0 KiB)\nown 1.1: HTTP 404: ${url}\n`);
});
