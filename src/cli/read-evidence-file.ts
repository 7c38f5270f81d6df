import { createReadStream, statSync } from "node:fs";
import { resolve } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { OpenLog } from "../evidence/kernel-log.js";
import { readEvidence, type Evidence } from "../evidence/read-evidence.js";
import { messageOf, usageFault } from "../fault/fault.js";
import { renderByteSize } from "./byte-size.js";
import { readTextFile } from "./read-text-file.js";

const wholeBytes = 64 * 1024 * 1024;
const longestLine = 100_000;

/**
 * Evidence of a file that the user named; `-` is standard input. A file of more than 64 MiB is read line by line and
 * as a kernel log only, so that a year's journal needs no more memory than what went wrong in it; `note` is told so.
 */
export async function readEvidenceFile(
  file: string,
  cwd: string,
  note: (text: string) => void,
): Promise<Evidence> {
  const sizeBytes = sizeOf(file, cwd);
  if (sizeBytes <= wholeBytes) return readEvidence(readTextFile(file, cwd));
  note(`${file} has ${renderByteSize(sizeBytes)}: only kernel events are looked for in it\n`);
  const log = new OpenLog();
  try {
    await eachLine(resolve(cwd, file), (line) => log.read(line));
  } catch (error) {
    throw usageFault(`cannot read ${file}: ${messageOf(error)}`);
  }
  const events = log.events();
  return events.length > 0 ? { events } : {};
}

function sizeOf(file: string, cwd: string): number {
  return file === "-" ? 0 : (statSync(resolve(cwd, file), { throwIfNoEntry: false })?.size ?? 0);
}

/** A line's rest behind its first 100,000 characters is dropped: no message of the kernel is that long. */
async function eachLine(path: string, read: (line: string) => void): Promise<void> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const lines = (rest + decoder.write(chunk as Buffer)).split("\n");
    rest = (lines.pop() ?? "").slice(0, longestLine);
    for (const line of lines) read(line);
  }
  read(rest + decoder.end());
}
