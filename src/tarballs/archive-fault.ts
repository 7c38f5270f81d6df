import { basename } from "node:path";
import { harnessFault } from "../fault/fault.js";

/** An archive that must not be read on: one sentence with its name; nothing of it has been written. */
export function archiveFault(path: string, problem: string, cause?: unknown): Error {
  return harnessFault(`the archive ${basename(path)} ${problem}`, {
    cause,
    hint: "download it again, or ask the vendor; nothing of it was imported",
  });
}
