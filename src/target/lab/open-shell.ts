// The user's terminal given to ssh.
import { spawn } from "node:child_process";
import { harnessFault } from "../../fault/fault.js";
import type { SshOptions } from "../transport.js";

/** ssh in the foreground: interactive, or one command (its words joined as ssh does). 0 when it ended with 0. */
export async function openShell(
  ssh: SshOptions,
  command: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const options = ["-o", "BatchMode=yes", "-o", "LogLevel=ERROR", ...(ssh.options ?? [])];
  const child = spawn("ssh", [...options, "--", ssh.destination, ...command], { stdio: "inherit", signal });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", (cause) => reject(harnessFault(`cannot run ssh: ${cause.message}`, { cause })));
    child.on("close", resolve);
  });
  if (code !== 0) throw harnessFault(`ssh ended with ${code ?? "a signal"}`);
  return 0;
}
