import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { messageOf, usageFault } from "../fault/fault.js";

/** A file that the user named, as text; `-` is standard input. Invalid UTF-8 is kept readable, never refused. */
export function readTextFile(file: string, cwd: string): string {
  try {
    return readFileSync(file === "-" ? 0 : resolve(cwd, file)).toString("utf8");
  } catch (error) {
    throw usageFault(`cannot read ${file}: ${messageOf(error)}`);
  }
}
