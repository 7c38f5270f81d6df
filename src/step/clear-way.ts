// The modules that are in the way go out before the trial begins: what happens to them says nothing of the commit.
import type { BuiltModule } from "./load-module.js";
import type { PreparedTarget } from "./prepare-target.js";
import { recoverTarget } from "./recover-target.js";
import type { TrialHosts, TrialIo } from "./trial-hosts.js";
import { expectUnloaded, unloadModules } from "./unload-modules.js";

/**
 * Unloads what serves the cards and any module of the new build's names. A module that hangs or takes the target down
 * on its way out is met once with a new boot; a second time it is a harness fault. Gives the boot's id.
 */
export async function clearWay(
  at: { hosts: TrialHosts; prepared: PreparedTarget; modules: readonly BuiltModule[] },
  limits: { timeoutMs: number; bootMs: number },
  io: TrialIo,
): Promise<string> {
  const { target } = at.hosts;
  if (at.prepared.wayUnderTest) return at.prepared.bootId; // only the new module can take its place
  const names = modulesInTheWay(at);
  const first = await unloadModules(target, names, limits.timeoutMs);
  if (first.kind === "unloaded") return at.prepared.bootId;
  if (first.kind === "stuck" && target.target.power === undefined) expectUnloaded(target, first);
  const cause = `the old module does not go: ${first.detail}`;
  const { bootId } = await recoverTarget(target, {
    oldBootId: at.prepared.bootId,
    bootMs: limits.bootMs,
    patienceMs: first.kind === "lost" ? 15_000 : 0,
    cause,
    ...io,
  });
  expectUnloaded(target, await unloadModules(target, names, limits.timeoutMs));
  return bootId;
}

/** What serves the cards, and modules of the new build's names. */
export function modulesInTheWay(at: { prepared: PreparedTarget; modules: readonly BuiltModule[] }): string[] {
  const serving = at.prepared.cards.flatMap(({ driver }) => (driver === undefined ? [] : [driver]));
  return [...new Set([...at.modules.map(({ file }) => file.name), ...serving])];
}
