// What a built module (or a vmlinux) says of its own functions: which section they are in, where, and how large.
import { basename } from "node:path";
import { existsSync } from "node:fs";
import { harnessFault, usageFault } from "../fault/fault.js";
import { describeEnd, runCommand } from "../host/run-command.js";

export interface ModuleSymbol {
  name: string;
  section: string;
  /** Offset in its section; in a vmlinux an address. */
  value: number;
  /** As the compiler made it, without the padding after it. */
  sizeBytes: number;
  isFunction: boolean;
}

export interface ModuleSymbols {
  /** As the kernel prints it in brackets: with `_` for `-`. */
  module: string;
  path: string;
  /** A module is relocatable: its addresses count from their section. */
  relocatable: boolean;
  sectionBytes: Map<string, number>;
  symbols: ModuleSymbol[];
  /** Whether it holds line numbers. */
  hasLines: boolean;
}

const section = /^ *\[ *(\d+)\] (\S+) +(?:\S+) +[0-9a-f]+ [0-9a-f]+ ([0-9a-f]+) /;
const symbol = /^ *\d+: ([0-9a-f]+) +(0x[0-9a-f]+|\d+) (\w+) +\w+ +\w+ +(?:\[.*?\] +)?(\w+) (\S+)$/;

/**
 * Reads sections and symbols with readelf (binutils). A file that is no ELF is a usage fault; a readelf that is not
 * installed a harness fault.
 */
export async function readModuleSymbols(path: string, signal?: AbortSignal): Promise<ModuleSymbols> {
  if (!existsSync(path)) throw usageFault(`there is no ${path}`, "give the .ko that was loaded");
  const text = await readelf(path, signal);
  const names = new Map<string, string>();
  const sectionBytes = new Map<string, number>();
  const symbols: ModuleSymbol[] = [];
  for (const line of text.split("\n")) {
    const part = section.exec(line);
    if (part !== null) {
      names.set(part[1] ?? "", part[2] ?? "");
      sectionBytes.set(part[2] ?? "", parseInt(part[3] ?? "0", 16));
      continue;
    }
    const found = symbol.exec(line);
    const place = names.get(found?.[4] ?? "");
    if (found === null || place === undefined || found[3] === "SECTION" || found[3] === "FILE") continue;
    symbols.push({
      name: found[5] ?? "",
      section: place,
      value: parseInt(found[1] ?? "0", 16),
      sizeBytes: Number(found[2]),
      isFunction: found[3] === "FUNC",
    });
  }
  return {
    module: /^ *\[ *[0-9a-f]+\] +name=([\w-]+)$/m.exec(text)?.[1]?.replaceAll("-", "_") ?? moduleName(path),
    path,
    relocatable: /^ *Type: +REL /m.test(text),
    sectionBytes,
    symbols,
    hasLines: names.size > 0 && [...names.values()].some((name) => /^\.z?debug_line$/.test(name)),
  };
}

async function readelf(path: string, signal: AbortSignal | undefined): Promise<string> {
  const argv = ["env", "LC_ALL=C", "readelf", "-W", "-h", "-S", "-s", "-p", ".modinfo", "--", path];
  const run = await runCommand(argv, { timeoutMs: 120_000, ...(signal && { signal }) });
  const text = run.stdout.toString("latin1");
  if (run.end.kind === "exited" && run.end.code === 127)
    throw harnessFault("readelf can't be started", { hint: "install binutils" });
  if (run.end.kind === "exited" && run.end.code === 0 && text.includes("ELF Header")) return text;
  const why = run.stderr.trim().split("\n")[0] ?? describeEnd(run.end);
  throw usageFault(
    `${path} is no module that readelf can read: ${why}`,
    "unpack a .ko.xz, .ko.zst or .ko.gz first",
  );
}

function moduleName(path: string): string {
  return basename(path)
    .replace(/\.(?:ko|debug|unstripped)(?:\.debug)?$/, "")
    .replaceAll("-", "_");
}
