// Builds a module as its vendor says: make in the vendor's folder, against headers that are installed or unpacked.
import { existsSync, realpathSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { harnessFault } from "../fault/fault.js";
import type { Catalog } from "../catalog/catalog.js";
import { describeEnd, runChecked, runCommand } from "../host/run-command.js";
import { describeBuildError, machineFailure, parseBuildErrors, type BuildError } from "./build-errors.js";

/** Where a kernel's headers lie. Debian splits them: the common sources, and what the configuration generated. */
export interface BuildHeaders {
  /** As uname -r says it: 5.10.0-32-amd64. */
  release: string;
  buildFolder: string;
  sourceFolder: string;
}

export interface BuildInput {
  /** The release's root: a copy that the build may write to, with its fixups applied. */
  folder: string;
  catalog: Pick<Catalog, "sourceFolder" | "module" | "recipe">;
  headers: BuildHeaders;
  /** Further compiler flags: the include shims that applyFixups gave back. */
  cflags?: readonly string[];
  /** The compiler; default gcc. */
  cc?: string;
  jobs: number;
  /** Whether make builds on after an error, so that every error is told. */
  keepsGoing?: boolean;
  /** Whether it gives way to all else that runs here. */
  isNice?: boolean;
  timeoutMs: number;
  signal?: AbortSignal;
  /** Called with the build's output as it comes. */
  log?: (text: string) => void;
}

export type BuildResult =
  | { kind: "built"; ko: string; kos: string[]; elapsedMs: number }
  | { kind: "failed"; firstError: string; errors: BuildError[]; elapsedMs: number };

/** Type information for tracers: newer kernels' headers make it with pahole, which a driver does not need to load. */
const withoutBtf = ["CONFIG_DEBUG_INFO_BTF_MODULES="];

/** The caller's own make must not reach into this one, and messages must be ones that we can read. */
const cleanMake = ["env", "-u", "MAKEFLAGS", "-u", "MFLAGS", "-u", "MAKELEVEL", "LANG=C", "LC_ALL=C", "make"];

/**
 * Runs the vendor's make once. A source that does not build is a value; missing headers, make or compiler, a full
 * disk, a killed compiler and a time limit are harness faults.
 */
export async function buildModule(input: BuildInput): Promise<BuildResult> {
  const cc = input.cc ?? "gcc";
  checkHeaders(input.headers);
  await checkRuns(cc, input.signal);
  const folder = realpathSync(join(input.folder, input.catalog.sourceFolder));
  const chunks: Buffer[] = [];
  const way = input.isNice === true ? ["nice", "-n", "19"] : [];
  const run = await runCommand([...way, ...makeCommand({ ...input, cc }, folder)], {
    cwd: folder,
    timeoutMs: input.timeoutMs,
    ...(input.signal && { signal: input.signal }),
    onOutput: (chunk) => {
      chunks.push(chunk);
      input.log?.(chunk.toString());
    },
  });
  const output = Buffer.concat(chunks).toString();
  const elapsedMs = run.elapsedMs;
  const kos = await findModules(folder, input.catalog.module);
  if (run.end.kind === "exited" && run.end.code === 0 && kos[0] !== undefined)
    return { kind: "built", ko: kos[0], kos, elapsedMs };
  if (run.end.kind !== "exited" && machineFailure(output) === undefined)
    throw harnessFault(`make in ${input.catalog.sourceFolder} ended with ${describeEnd(run.end)}`);
  return { ...readBuildFailure(output, folder, describeEnd(run.end)), elapsedMs };
}

/** A failed build's output; harness fault when it blames the machine that built. */
export function readBuildFailure(
  output: string,
  folder: string,
  end: string,
): { kind: "failed"; firstError: string; errors: BuildError[] } {
  const ours = machineFailure(output);
  if (ours !== undefined) throw harnessFault(`the build was stopped by this machine: ${ours.trim()}`);
  const errors = parseBuildErrors(output, folder);
  const first = errors[0];
  const none = end === "exit code 0" ? "make ended well but left no .ko" : `make ended with ${end}`;
  return { kind: "failed", firstError: first ? describeBuildError(first) : none, errors };
}

/** The one command line that builds a release in `folder`, its source folder on the machine that builds. */
export function makeCommand(
  input: Pick<BuildInput, "catalog" | "headers" | "cflags" | "jobs"> & { cc: string },
  folder: string,
): string[] {
  return [...cleanMake, ...makeArguments(input, folder, input.cc)];
}

/** What make is told of the headers: installed ones are found by the vendor's common.mk, unpacked ones are not. */
function makeArguments(
  input: Pick<BuildInput, "catalog" | "headers" | "cflags" | "jobs" | "keepsGoing">,
  folder: string,
  cc: string,
): string[] {
  const { release, buildFolder, sourceFolder } = input.headers;
  const { kind, variables } = input.catalog.recipe;
  const own = Object.entries(variables).map(
    ([name, value]) =>
      `${name}=${value.replaceAll("{kernel}", release).replaceAll("{headers}", buildFolder)}`,
  );
  const cflags = input.cflags?.length ? [input.cflags.join(" ")] : [];
  const common = [`-j${input.jobs}`, ...(input.keepsGoing ? ["-k"] : []), `CC=${cc}`, ...withoutBtf];
  if (kind === "kbuild")
    return [
      ...common,
      "-C",
      buildFolder,
      `M=${folder}`,
      ...cflags.map((flags) => `KCFLAGS=${flags}`),
      ...own,
      "modules",
    ];
  const installed = buildFolder === `/lib/modules/${release}/build`;
  const where = installed ? [] : [`KSRC=${sourceFolder}`, `KOBJ=${buildFolder}`];
  const named = "BUILD_KERNEL" in variables ? [] : [`BUILD_KERNEL=${release}`];
  return [...common, ...named, ...where, ...cflags.map((flags) => `CFLAGS_EXTRA=${flags}`), ...own];
}

function checkHeaders(headers: BuildHeaders): void {
  for (const needed of [
    join(headers.buildFolder, "Makefile"),
    join(headers.buildFolder, "include/generated/autoconf.h"),
    join(headers.sourceFolder, "include/linux"),
  ])
    if (!existsSync(needed))
      throw harnessFault(`the headers of kernel ${headers.release} are not usable: ${needed} is missing`, {
        hint: `install the package linux-headers-${headers.release}, or: tarbisect lab kernels`,
      });
}

async function checkRuns(cc: string, signal: AbortSignal | undefined): Promise<void> {
  const options = { timeoutMs: 20_000, ...(signal && { signal }) };
  for (const program of [cc, "make"]) await runCommand([program, "--version"], options);
}

/** The first line of what a compiler says of itself; two that differ in it may build different modules. */
export async function compilerVersion(cc: string): Promise<string> {
  const version = await runChecked([cc, "--version"], { timeoutMs: 20_000 });
  return version.toString().split("\n")[0] ?? "";
}

/** The .ko files below a folder, the wanted module first. */
export async function findModules(folder: string, wanted: string): Promise<string[]> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".ko")).sort();
  const isWanted = (name: string): boolean => name === `${wanted}.ko` || name.endsWith(`/${wanted}.ko`);
  return names.sort((a, b) => Number(isWanted(b)) - Number(isWanted(a))).map((name) => join(folder, name));
}
