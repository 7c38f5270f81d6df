// A console that a program prints: ipmitool's serial-over-LAN, ssh to a BMC, conserver's client.
import { messageOf } from "../../fault/fault.js";
import { describeEnd, runCommand } from "../../host/run-command.js";
import type { ConsoleEnd, ConsoleReader } from "./console-source.js";

export interface ProgramConsole {
  argv: readonly string[];
  env?: NodeJS.ProcessEnv;
  /** Printed when the way is open, and no text of the machine; left out: it is open when the program goes on for 2 s. */
  banner?: RegExp;
  /** Words of a program that ended because another reader is there. */
  taken?: RegExp;
}

const openAfterMs = 2000;
const bannerLimit = 4096;

/** Its stdin is held open and empty: nothing is typed, and its end tells the program that we are gone. */
export async function followProgram(
  program: ProgramConsole,
  reader: ConsoleReader,
  signal: AbortSignal,
): Promise<ConsoleEnd> {
  let head = program.banner === undefined ? undefined : "";
  let said = "";
  const timer = program.banner === undefined ? setTimeout(() => reader.ready(), openAfterMs) : undefined;
  const onOutput = (chunk: Buffer, stream: "stdout" | "stderr"): void => {
    said = (said + chunk.toString()).slice(-1000);
    if (stream === "stderr") return;
    if (head === undefined) return reader.data(chunk);
    head += chunk.toString("latin1");
    const match = program.banner?.exec(head);
    if (match === null || match === undefined) return void (head = head.slice(-bannerLimit));
    const after = Buffer.from(head.slice(match.index + match[0].length), "latin1");
    head = undefined;
    reader.ready();
    if (after.length > 0) reader.data(after);
  };
  try {
    const result = await runCommand(program.argv, {
      ...(program.env && { env: program.env }),
      holdStdin: true,
      graceMs: 3000,
      signal,
      keepBytes: 4096,
      onOutput,
    });
    const last = said.trim().split(/\r?\n/).at(-1) ?? "";
    const detail = `${describeEnd(result.end)}${last === "" ? "" : `: ${last}`}`;
    return program.taken?.test(said) ? { detail, taken: true } : { detail };
  } catch (error) {
    return { detail: messageOf(error) };
  } finally {
    clearTimeout(timer);
  }
}
