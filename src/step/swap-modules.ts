// Where the only way to the target leads over the cards under test, the old module goes out and the new one in by a
// process there that needs no connection; then the target is asked, until its guard has given up.
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { harnessFault } from "../fault/fault.js";
import { quote } from "../target/remote-command.js";
import type { Guard } from "./guard.js";
import { guardActs, guardActsNow, guardHasActed, restoreAddresses, waitUntil } from "./guard-script.js";
import type { BuiltModule } from "./load-module.js";
import type { TrialHost } from "./trial-hosts.js";
import { takeModuleOut } from "./unload-modules.js";

export interface Swap {
  /** Modules that serve the cards now. */
  old: readonly string[];
  /** The guard that stands there. */
  guard: Guard;
}

export type SwapOutcome =
  | { kind: "swapped" }
  /** insmod's words and exit code; the guard has put the old driver back. */
  | { kind: "refused"; module: BuiltModule; code: number; words: string }
  /** The new module is in, and nothing came through it. */
  | { kind: "no-way" }
  | { kind: "lost"; detail: string };

interface SwapPlan extends Swap {
  /** In the order in which they go in, with their parameters. */
  load: readonly { module: BuiltModule; parameters: readonly string[] }[];
  /** Loaded by name before. */
  dependencies: readonly string[];
  /** Of the target, with the modules in it. */
  folder: string;
}

/** Harness fault: an old module that does not go out, a dependency that is not there. */
export async function swapModules(host: TrialHost, plan: SwapPlan): Promise<SwapOutcome> {
  const script = `${plan.folder}/swap`;
  await host.target.check(
    `printf '%s' ${quote(swapScript(plan))} >${quote(script)} || exit 1
setsid sh ${quote(script)} </dev/null >/dev/null 2>&1 &
${waitUntil(`${plan.folder}/swap.log`)}`,
    { timeoutMs: 75_000 },
  );
  const begun = performance.now();
  while (performance.now() - begun < plan.guard.limitMs) {
    await sleep(1000);
    const { end, stdout } = await host.target.run(
      `cat ${quote(plan.folder)}/swap.log; ${guardActs} && echo "@acts"; ${guardHasActed} && echo "@acted"`,
      { timeoutMs: 8000 },
    );
    const said = stdout.toString();
    if (end.kind === "lost") await host.target.disconnect();
    // A guard that acts gives the way back before it has ended: what stands there is then not the new module any more.
    else if (/^@acted$/m.test(said) || (/^@end/m.test(said) && !/^@acts$/m.test(said)))
      return readSwap(host, plan, said);
  }
  return {
    kind: "lost",
    detail: "no answer since its modules were swapped, and its guard did not bring it back",
  };
}

function readSwap(host: TrialHost, plan: SwapPlan, said: string): SwapOutcome {
  const [, what = "", name = "", code = ""] = /^@end (\S+) ?(\S*) ?(\d*)$/m.exec(said) ?? [];
  const words = said.replace(/^@.*\n?/gm, "").trim();
  const last = words.split("\n").at(-1) ?? "";
  const refused = plan.load.find(({ module }) => module.file.name === name);
  if (what === "unload")
    throw harnessFault(`the old module can't be taken out of ${host.name}: ${name}: ${last}`);
  if (what === "dependency")
    throw harnessFault(`${host.name} does not load ${name}, which the module needs: ${last}`);
  if (what === "insmod" && refused !== undefined)
    return { kind: "refused", module: refused.module, code: Number(code), words };
  return /^@acted$/m.test(said) ? { kind: "no-way" } : { kind: "swapped" };
}

/** What fails on the way is undone at once by the guard. */
function swapScript({ old, load, dependencies, folder }: SwapPlan): string {
  const insmods = load.map(({ module, parameters }) => {
    const words = [`${folder}/${basename(module.path)}`, ...parameters].map(quote).join(" ");
    return `insmod ${words} || undo "insmod ${module.file.name} $?"`;
  });
  return `PATH="$PATH:/usr/sbin:/sbin" LC_ALL=C; export PATH LC_ALL
exec >${quote(folder)}/swap.log 2>&1
undo() { ${guardActsNow}; echo "@end $1"; exit; }
${takeModuleOut}
${restoreAddresses}
sleep 3
for module in ${old.map(quote).join(" ")}; do
  out "$module" || undo "unload $module"
done
${dependencies.map((name) => `modprobe ${quote(name)} || undo "dependency ${name}"`).join("\n")}
${insmods.join("\n")}
for try in 1 2 3 4 5; do addresses; sleep 1; done
echo "@end swapped"
`;
}
