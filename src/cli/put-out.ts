import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { withoutSecrets } from "../host/secret-variables.js";
import type { Call } from "./call.js";

/** Writes a result: to a file, through the user's pager when a terminal reads it, else as it is. */
export async function putOut(
  call: Call,
  text: string,
  { file, page }: { file: string | undefined; page: boolean },
): Promise<void> {
  if (file !== undefined) {
    const { writeFileAtomically } = await import("../host/write-file.js");
    await writeFileAtomically(resolve(call.cwd, file), text);
    return;
  }
  const pager = call.env.GIT_PAGER ?? call.env.PAGER ?? "less";
  if (!page || !process.stdout.isTTY || pager === "" || pager === "cat" || !(await paged(pager, text, call)))
    call.out(text);
}

/** The pager is the user's own command line, so a shell reads it, as git does. */
async function paged(pager: string, text: string, { env }: Call): Promise<boolean> {
  const child = spawn("sh", ["-c", pager], {
    stdio: ["pipe", "inherit", "inherit"],
    env: { LESS: "FRX", ...withoutSecrets(env) },
  });
  child.stdin.on("error", () => undefined); // the user may leave the pager early
  child.stdin.end(text);
  const [code] = (await once(child, "close")) as [number | null];
  return code !== 127;
}
