// From places in a module to lines of its source, with what was inlined there, by addr2line (binutils).
import { harnessFault } from "../fault/fault.js";
import { describeEnd, runCommand } from "../host/run-command.js";
import type { ModuleSymbols } from "./module-symbols.js";

/** One function at a place; the first was inlined into the second, and so on. */
export interface SourceLine {
  function: string;
  /** As the compiler was given it; undefined where the module says nothing. */
  file?: string;
  line?: number;
}

export interface SourcePlace {
  section: string;
  /** Offset in the section; in a vmlinux an address. */
  address: number;
}

export interface SourceLineOptions {
  /** Default addr2line; for a module of another machine that machine's. */
  addr2line?: string;
  signal?: AbortSignal;
}

/** The lines of each place, innermost first, in the order of the places; [] where the module knows none. */
export async function sourceLines(
  of: ModuleSymbols,
  places: readonly SourcePlace[],
  options: SourceLineOptions = {},
): Promise<SourceLine[][]> {
  const found = new Map<string, SourceLine[]>();
  for (const section of new Set(places.map((place) => place.section))) {
    const addresses = places.filter((place) => place.section === section).map((place) => place.address);
    const chains = await linesOf(of, { section, addresses, options });
    addresses.forEach((address, i) => found.set(`${section}+${address}`, chains[i] ?? []));
  }
  return places.map((place) => found.get(`${place.section}+${place.address}`) ?? []);
}

interface Question {
  section: string;
  addresses: readonly number[];
  options: SourceLineOptions;
}

async function linesOf(
  of: ModuleSymbols,
  { section, addresses, options }: Question,
): Promise<SourceLine[][]> {
  const program = options.addr2line ?? "addr2line";
  const inSection = of.relocatable ? ["-j", section] : [];
  const argv = ["env", "LC_ALL=C", program, "-a", "-f", "-i", "-e", of.path, ...inSection];
  const run = await runCommand(argv, {
    stdin: addresses.map((address) => `0x${address.toString(16)}\n`).join(""),
    timeoutMs: 300_000,
    ...(options.signal && { signal: options.signal }),
  });
  if (run.end.kind === "exited" && run.end.code === 127)
    throw harnessFault(`${program} can't be started`, { hint: "install binutils" });
  if (run.end.kind !== "exited" || run.end.code !== 0) {
    const why = run.stderr.trim().split("\n")[0] ?? "";
    throw harnessFault(`${program} could not read ${of.path} (${describeEnd(run.end)}): ${why}`, {
      hint: "for a module of another machine give its own with --addr2line aarch64-linux-gnu-addr2line",
    });
  }
  return parseAddr2line(run.stdout.toString("utf8"));
}

/** `-a -f -i`: an address, then a function and a `file:line` for each level. */
export function parseAddr2line(text: string): SourceLine[][] {
  const chains: SourceLine[][] = [];
  const lines = text.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? "";
    if (/^0x[0-9a-f]+$/.test(line)) chains.push([]);
    else if (line !== "") {
      i += 1;
      const one = sourceLine(line, lines[i] ?? "");
      if (one !== undefined) chains.at(-1)?.push(one);
    }
  }
  return chains;
}

function sourceLine(name: string, place: string): SourceLine | undefined {
  const [, file, line] = /^(.*):(\d+|\?)(?: \(discriminator \d+\))?$/.exec(place) ?? [];
  if (file === undefined || file === "??" || line === "?" || line === "0")
    return name === "??" ? undefined : { function: name };
  return { function: name, file: normalised(file), line: Number(line) };
}

/** `/a/b/../c` as the compiler joined it. */
function normalised(file: string): string {
  let short = file.replaceAll("/./", "/");
  for (let before = ""; before !== short;) {
    before = short;
    short = short.replace(/[^/]+\/\.\.\//, "");
  }
  return short;
}
