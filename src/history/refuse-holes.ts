import { usageFault } from "../fault/fault.js";
import { isBisecting } from "./existing.js";

/** A hole that is filled moves the commits after it: never during a bisect, and else only when asked for. */
export function refuseHoles(
  filledHoles: readonly string[],
  options: { folder: string; rebuild?: boolean },
): void {
  if (filledHoles.length === 0) return;
  const holes = filledHoles.join(", ");
  if (isBisecting(options.folder))
    throw usageFault(
      `a bisect is under way in ${options.folder}, and ${holes} would move the commits after it`,
      "git bisect reset, then import again",
    );
  if (!options.rebuild)
    throw usageFault(
      `${holes} would come before releases that are already imported: their commits would get new ids`,
      "say --rebuild to accept that",
    );
}
