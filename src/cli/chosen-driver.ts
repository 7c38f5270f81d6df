import type { Call } from "./call.js";
import { findSettings } from "./find-settings.js";

type Where = Pick<Call, "cwd" | "env">;

/**
 * The driver that a command is about, as a step would decide: the flag, the variable, `driver` in tarbisect.yaml. A
 * catalog's path is absolute then; undefined leaves it to the files.
 */
export async function chosenDriver(
  named: string | undefined,
  { cwd, env }: Where,
): Promise<string | undefined> {
  const chosen = named ?? (env.TARBISECT_DRIVER || undefined);
  if (chosen !== undefined || findSettings(cwd) === undefined) return chosen;
  const { readSettings } = await import("./settings.js");
  return readSettings({ cwd, env, flags: {} }).settings.driver;
}
