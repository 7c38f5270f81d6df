// The module of the commit under test goes into the target's kernel, and the kernel is asked which one it has.
import { basename, dirname } from "node:path";
import type { ModuleFile } from "../build/module-file.js";
import { harnessFault } from "../fault/fault.js";
import { quote } from "../target/remote-command.js";
import { describeRemoteEnd, type RemoteResult } from "../target/target.js";
import { readRefusal } from "./load-faults.js";
import type { LoadSettings } from "./module-settings.js";
import { proveLoaded, type LoadedProof } from "./prove-loaded.js";
import { swapModules, type Swap } from "./swap-modules.js";
import { runTargetStage } from "./target-stage.js";
import type { TrialHost, TrialIo } from "./trial-hosts.js";
import { judgeStage } from "./verdict.js";

/** A module as it was built here. */
export interface BuiltModule {
  path: string;
  file: ModuleFile;
}

export type LoadOutcome =
  | { kind: "loaded"; proof: LoadedProof }
  /** The release does not load on this kernel. */
  | { kind: "failed"; detail: string }
  /** The target died or stopped answering. */
  | { kind: "lost"; detail: string };

export interface LoadInput {
  /** What the build made, the module under test first. */
  modules: readonly BuiltModule[];
  settings: LoadSettings;
  timeoutMs: number;
  /** PCI addresses of the cards that the module must take. */
  cards: readonly string[];
  /** Our way leads over the cards: the modules in the way go out in the same breath. */
  swap?: Swap | undefined;
  log: (text: string) => void;
  /** What the user's own command finds in its environment. */
  env: Readonly<Record<string, string>>;
  io: TrialIo;
}

/**
 * Sends and loads the module after what it depends on. Modules of the same build are taken from it, others from the
 * target's own. Fault: the target refuses modules (signatures, lockdown), lacks a dependency, or holds another
 * module than was sent.
 */
export async function loadModule(host: TrialHost, input: LoadInput): Promise<LoadOutcome> {
  const folder = await sendModules(host, input.modules);
  const outcome = await loadFrom(host, folder, input);
  // A dead target would only be waited for.
  if (outcome.kind !== "lost") await host.target.run(`rm -rf ${quote(folder)}`, { timeoutMs: 10_000 });
  return outcome;
}

async function loadFrom(host: TrialHost, folder: string, input: LoadInput): Promise<LoadOutcome> {
  const wanted = input.modules[0]!;
  if (input.settings.run !== undefined) {
    const refused = await runOwnLoad(host, folder, { ...input, command: input.settings.run });
    return refused ?? proveLoaded(host, [wanted], input);
  }
  const ours = loadOrder(input.modules, wanted.file.name);
  const dependencies = foreignDependencies(ours, input.settings.dependencies);
  if (input.swap !== undefined)
    return loadBySwap(host, { ...input, ours, dependencies, folder, swap: input.swap });
  for (const name of dependencies) await loadDependency(host, name, input);
  for (const module of ours) {
    const parameters = module === wanted ? input.settings.parameters : [];
    const result = await insmod(host, `${folder}/${basename(module.path)}`, { ...input, parameters });
    const refused = await refusalOf(host, module, result);
    if (refused !== undefined) return refused;
  }
  return proveLoaded(host, ours, input);
}

async function loadBySwap(
  host: TrialHost,
  input: LoadInput & { ours: BuiltModule[]; dependencies: string[]; folder: string; swap: Swap },
): Promise<LoadOutcome> {
  const { ours, dependencies, folder, swap, settings, log } = input;
  const load = ours.map((module) => ({
    module,
    parameters: module === input.modules[0] ? settings.parameters : [],
  }));
  log(`swapping ${swap.old.join(", ")} for ${ours.map(({ file }) => file.name).join(", ")}\n`);
  const outcome = await swapModules(host, { ...swap, load, dependencies, folder });
  switch (outcome.kind) {
    case "swapped":
      return proveLoaded(host, ours, input);
    case "refused":
      log(`${outcome.words}\n`);
      return refusedInsmod(host, outcome.module, outcome);
    case "no-way":
      return {
        kind: "failed",
        detail: "nothing came through the new module, and its guard put the kernel's own driver back",
      };
    case "lost":
      return outcome;
  }
}

/** The user's command, in the folder of the modules; what it loaded is proved all the same. */
async function runOwnLoad(
  host: TrialHost,
  folder: string,
  input: LoadInput & { command: string },
): Promise<LoadOutcome | undefined> {
  const { command, timeoutMs, env, io } = input;
  const module = `${folder}/${basename(input.modules[0]!.path)}`;
  const stage = {
    stage: "load" as const,
    command,
    timeoutMs,
    folder,
    env: { ...env, TARBISECT_MODULE: module },
  };
  const ended = await runTargetStage(host, stage, io);
  if (ended.kind !== "ended")
    return { kind: "lost", detail: ended.kind === "lost" ? ended.detail : ended.kind };
  const verdict = judgeStage(ended.end);
  return verdict === undefined || verdict.kind === "good"
    ? undefined
    : { kind: "failed", detail: verdict.detail };
}

/** A folder of the target with the modules in it. */
export async function sendModules(host: TrialHost, modules: readonly BuiltModule[]): Promise<string> {
  const made = await host.target.check('mktemp -d "${TMPDIR:-/tmp}/tarbisect-load.XXXXXX"', {
    timeoutMs: 15_000,
  });
  const folder = made.trim();
  if (!/^\/[\w./-]+$/.test(folder)) throw harnessFault(`${host.name} named no usable folder: ${folder}`);
  const first = modules[0]!;
  await host.target.send(
    { folder: dirname(first.path), names: modules.map(({ path }) => basename(path)) },
    folder,
  );
  return folder;
}

/** The wanted module last, before it what it needs of the same build. */
function loadOrder(modules: readonly BuiltModule[], wanted: string): BuiltModule[] {
  const order: BuiltModule[] = [];
  const visit = (name: string, above: readonly string[]): void => {
    const module = modules.find(({ file }) => file.name === name.replaceAll("-", "_"));
    if (module === undefined || order.includes(module) || above.includes(name)) return;
    for (const need of module.file.depends) visit(need, [...above, name]);
    order.push(module);
  };
  visit(wanted, []);
  return order;
}

function foreignDependencies(ours: readonly BuiltModule[], more: readonly string[]): string[] {
  const own = ours.map(({ file }) => file.name);
  const needed = [...more, ...ours.flatMap(({ file }) => file.depends)];
  return [...new Set(needed)].filter((name) => !own.includes(name.replaceAll("-", "_")));
}

async function loadDependency(host: TrialHost, name: string, { timeoutMs, log }: LoadInput): Promise<void> {
  log(`modprobe ${name}\n`);
  const result = await host.target.run(`modprobe ${quote(name)}`, { timeoutMs });
  if (result.end.kind === "exited" && result.end.code === 0) return;
  throw harnessFault(
    `${host.name} does not load ${name}, which the module needs: ${describeRemoteEnd(result)}`,
    {
      hint: `the target's kernel must have the module ${name}`,
    },
  );
}

async function insmod(
  host: TrialHost,
  path: string,
  { parameters, timeoutMs, log }: LoadInput & { parameters: readonly string[] },
): Promise<RemoteResult> {
  const words = ["insmod", path, ...parameters];
  log(`${words.join(" ")}\n`);
  const result = await host.target.run(`LC_ALL=C ${words.map(quote).join(" ")} 2>&1`, { timeoutMs });
  log(result.stdout.toString());
  return result;
}

async function refusalOf(
  host: TrialHost,
  { file }: BuiltModule,
  result: RemoteResult,
): Promise<LoadOutcome | undefined> {
  switch (result.end.kind) {
    case "lost":
    case "stopped":
      return { kind: "lost", detail: describeRemoteEnd(result) };
    case "timed-out": // a slow machine or a hung probe: the kernel's log tells, or nobody
      return { kind: "lost", detail: `insmod ${file.name} did not end: ${describeRemoteEnd(result)}` };
    case "exited": {
      const { code } = result.end;
      return code === 0
        ? undefined
        : refusedInsmod(host, { file }, { code, words: result.stdout.toString() });
    }
  }
}

async function refusedInsmod(
  host: TrialHost,
  { file }: Pick<BuiltModule, "file">,
  { code, words }: { code: number; words: string },
): Promise<LoadOutcome> {
  const lines = await host.target.run("dmesg | tail -n 100", { timeoutMs: 15_000 });
  const about = lines.stdout
    .toString()
    .split("\n")
    .filter((line) => line.includes(file.name) || /Lockdown/.test(line));
  if (code > 128) return { kind: "failed", detail: `insmod ${file.name} was ended by signal ${code - 128}` };
  const refusal = readRefusal(words, about.join("\n"));
  if (refusal.kind === "machine")
    throw harnessFault(`${host.name}: ${refusal.detail}`, { hint: refusal.hint });
  return { kind: "failed", detail: refusal.detail };
}
