// What a .ko says of itself, read from its ELF sections (elf(5)): its modinfo and the linker's build id.
import { readFile } from "node:fs/promises";
import { harnessFault, messageOf } from "../fault/fault.js";

export interface ModuleFile {
  /** With _ for -, as the kernel names it. */
  name: string;
  /** A sum of its source; the kernel shows it in /sys/module/NAME/srcversion. Undefined when it was built without. */
  srcversion: string | undefined;
  /** The kernel that it was built for, and how. */
  vermagic: string;
  version: string | undefined;
  /** Modules that must be loaded before it. */
  depends: string[];
  /** Hex digits, as in /sys/module/NAME/notes/.note.gnu.build-id; undefined when it was linked without. */
  buildId: string | undefined;
}

interface Section {
  name: string;
  bytes: Buffer;
}

/** Reads a module's file; harness fault when it is none. */
export async function readModuleFile(path: string): Promise<ModuleFile> {
  try {
    const sections = readSections(await readFile(path));
    const info = new Map(
      (sections.find(({ name }) => name === ".modinfo")?.bytes.toString("latin1") ?? "")
        .split("\0")
        .flatMap((entry): [string, string][] => {
          const at = entry.indexOf("=");
          return at < 0 ? [] : [[entry.slice(0, at), entry.slice(at + 1)]];
        }),
    );
    const note = sections.find(({ name }) => name === ".note.gnu.build-id")?.bytes;
    const [name, vermagic] = [info.get("name"), info.get("vermagic")];
    if (name === undefined || vermagic === undefined) throw new Error("its .modinfo names no module");
    const depends = (info.get("depends") ?? "").split(",").filter((module) => module !== "");
    // The names reach a shell on the target.
    const odd = [name, ...depends].find((each) => !/^\w[\w-]*$/.test(each));
    if (odd !== undefined) throw new Error(`it names a module "${odd}"`);
    return {
      name: name.replaceAll("-", "_"),
      vermagic: vermagic.trim(),
      srcversion: info.get("srcversion"),
      version: info.get("version"),
      depends,
      buildId: note && buildIdOf(note),
    };
  } catch (cause) {
    throw harnessFault(`${path} is no kernel module: ${messageOf(cause)}`, { cause });
  }
}

/** A note's description: name and description sizes, type, "GNU\0", then the id. */
export function buildIdOf(note: Buffer): string | undefined {
  if (note.length < 16) return undefined;
  return note.toString("hex", 16);
}

function readSections(file: Buffer): Section[] {
  if (file.toString("latin1", 0, 4) !== "\x7fELF") throw new Error("it does not start as an ELF file");
  const wide = file[4] === 2;
  const little = file[5] === 1;
  const number = (at: number, size: number): number => {
    if (size === 8) return Number(little ? file.readBigUInt64LE(at) : file.readBigUInt64BE(at));
    return little ? file.readUIntLE(at, size) : file.readUIntBE(at, size);
  };
  const word = wide ? 8 : 4;
  const headers = number(wide ? 40 : 32, word);
  const [entrySize, count, namesIndex] = [0, 2, 4].map((at) => number((wide ? 58 : 46) + at, 2)) as [
    number,
    number,
    number,
  ];
  const contentOf = (index: number): Buffer => {
    const header = headers + index * entrySize;
    const start = number(header + (wide ? 24 : 16), word);
    return file.subarray(start, start + number(header + (wide ? 32 : 20), word));
  };
  const names = contentOf(namesIndex);
  return Array.from({ length: count }, (_, index) => {
    const start = number(headers + index * entrySize, 4);
    return { name: names.toString("latin1", start, names.indexOf(0, start)), bytes: contentOf(index) };
  });
}
