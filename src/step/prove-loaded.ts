// The kernel's own word on which module it holds: its srcversion and build id against those of the .ko.
import { buildIdOf } from "../build/module-file.js";
import { harnessFault } from "../fault/fault.js";
import type { BuiltModule, LoadInput, LoadOutcome } from "./load-module.js";
import type { TrialHost } from "./trial-hosts.js";

/** What the kernel said of the loaded module. */
export interface LoadedProof {
  module: string;
  srcversion: string | undefined;
  buildId: string | undefined;
  vermagic: string;
}

/** How long a card may take until its interface is there. */
const probeLimitSeconds = 10;

/** Harness fault when the kernel holds another module than was sent; `failed` when the module does not take the cards. */
export async function proveLoaded(
  host: TrialHost,
  modules: readonly BuiltModule[],
  { cards }: Pick<LoadInput, "cards">,
): Promise<LoadOutcome> {
  const wanted = modules.at(-1)!;
  const script = [
    ...modules.map(({ file }) => describeModule(file.name)),
    ...cards.map((pci) => waitForInterface(pci, wanted.file.name)),
  ].join("\n");
  const result = await host.target.run(script, { timeoutMs: (probeLimitSeconds * cards.length + 15) * 1000 });
  if (result.end.kind !== "exited")
    return { kind: "lost", detail: "the target stopped answering after insmod" };
  const said = result.stdout.toString();
  for (const module of modules) expectSame(host.name, module, readSaid(said, module.file.name));
  const without = cards.find((pci) => !said.includes(`bound ${pci}\n`));
  if (without !== undefined)
    return { kind: "failed", detail: await probeFailure(host, wanted.file.name, without) };
  const { srcversion, buildId } = readSaid(said, wanted.file.name);
  const { name: module, vermagic } = wanted.file;
  return { kind: "loaded", proof: { module, srcversion, buildId, vermagic } };
}

/**
 * Harness fault when the kernel no longer holds what was proved: whoever swapped the module under the stress, a clean run
 * says nothing of the commit. A command of the user's may have unloaded its own.
 */
export async function expectStillLoaded(
  host: TrialHost,
  modules: readonly BuiltModule[],
  { mayBeGone }: { mayBeGone: boolean },
): Promise<void> {
  const script = modules.map(({ file }) => describeModule(file.name)).join("\n");
  const { end, stdout } = await host.target.run(`${script}\ntrue`, { timeoutMs: 15_000 });
  if (end.kind !== "exited")
    throw harnessFault(`${host.name} does not say which module it has after the stress`);
  for (const { file } of modules) {
    const said = readSaid(stdout.toString(), file.name);
    if (said.present ? differences(file, said).length === 0 : mayBeGone) continue;
    throw harnessFault(
      `${host.name} has ${said.present ? `another ${file.name}` : `no ${file.name}`} loaded after the stress`,
      { hint: "something else loads modules there: another step, a person, a service" },
    );
  }
}

interface Said {
  present: boolean;
  srcversion: string | undefined;
  buildId: string | undefined;
  outOfTree: boolean;
}

function expectSame(host: string, { file }: BuiltModule, said: Said): void {
  if (!said.present) throw harnessFault(`${file.name} is not loaded on ${host} although the load ended well`);
  for (const [what, built, loaded] of differences(file, said))
    throw harnessFault(
      `${host} has ${said.outOfTree ? "another" : "the kernel's own"} ${file.name} loaded: its ${what} is ${loaded}, the built one's is ${built}`,
      { hint: "load with insmod and the .ko's path: modprobe takes what is installed" },
    );
  if (marksOf(file, said).every(([, built, loaded]) => built === undefined || loaded === undefined))
    throw harnessFault(`nothing proves that ${file.name} on ${host} is the one that was built`, {
      hint: "the kernel shows neither srcversion nor notes of it in /sys/module; reading the notes needs root",
    });
}

/** What tells a module: as it was built, and as the kernel shows it. */
function marksOf(
  file: BuiltModule["file"],
  said: Said,
): (readonly [what: string, built: string | undefined, loaded: string | undefined])[] {
  return [
    ["srcversion", file.srcversion, said.srcversion],
    ["build id", file.buildId, said.buildId],
  ];
}

function differences(file: BuiltModule["file"], said: Said): ReturnType<typeof marksOf> {
  return marksOf(file, said).filter(
    ([, built, loaded]) => built !== undefined && loaded !== undefined && built !== loaded,
  );
}

function describeModule(name: string): string {
  const at = `/sys/module/${name}`;
  return [
    `[ -d ${at} ] && echo "module ${name}"`,
    `[ -r ${at}/srcversion ] && echo "srcversion ${name} $(cat ${at}/srcversion)"`,
    `[ -r ${at}/taint ] && echo "taint ${name} $(cat ${at}/taint)"`,
    `[ -r ${at}/notes/.note.gnu.build-id ] && echo "note ${name}" $(od -An -v -tx1 ${at}/notes/.note.gnu.build-id)`,
  ].join("\n");
}

function readSaid(text: string, name: string): Said {
  const word = (key: string): string | undefined =>
    new RegExp(`^${key} ${name} (.*)$`, "m").exec(text)?.[1]?.trim();
  const note = word("note");
  return {
    present: new RegExp(`^module ${name}$`, "m").test(text),
    srcversion: word("srcversion"),
    buildId: note === undefined ? undefined : buildIdOf(Buffer.from(note.replaceAll(" ", ""), "hex")),
    outOfTree: (word("taint") ?? "O").includes("O"),
  };
}

function waitForInterface(pci: string, module: string): string {
  const at = `/sys/bus/pci/devices/${pci}`;
  return `for try in $(seq ${probeLimitSeconds * 5}); do
  owner=$(readlink ${at}/driver/module)
  if [ "\${owner##*/}" = ${module} ] && [ -n "$(ls ${at}/net 2>/dev/null)" ]; then echo "bound ${pci}"; break; fi
  [ "$try" != 5 ] || [ -e ${at}/driver ] || break
  sleep 0.2
done
true`;
}

async function probeFailure(host: TrialHost, module: string, pci: string): Promise<string> {
  const log = await host.target.run("dmesg | tail -n 100", { timeoutMs: 15_000 });
  const lines = log.stdout.toString().trim().split("\n");
  const begun = lines.findLastIndex((line) => line.includes(`${module}: loading`)) + 1;
  const about = lines.slice(begun).filter((line) => line.includes(module) || line.includes(pci));
  const words = about.slice(-3).map((line) => line.replace(/^\[[^\]]*\]\s*/, "").trim());
  return `${module} does not take the card ${pci}${words.length === 0 ? "" : `: ${words.join("; ")}`}`;
}
