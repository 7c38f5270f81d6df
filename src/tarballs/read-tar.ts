import type { Readable } from "node:stream";
import { Parser, type ReadEntry } from "tar";
import type { RawEntry } from "./entry.js";
import type { ArchiveLimits } from "./limits.js";

const kinds: Partial<Record<string, RawEntry["kind"]>> = {
  File: "file",
  OldFile: "file",
  ContiguousFile: "file",
  SymbolicLink: "symlink",
  Link: "hardlink",
  Directory: "folder",
};

/** Reads a plain tar stream and gives each entry to `take`; rejects with what is wrong as a sentence's second half. */
export async function readTar(
  source: Readable,
  limits: ArchiveLimits,
  take: (entry: RawEntry) => void,
): Promise<void> {
  const parser = new Parser({ strict: true, maxMetaEntrySize: limits.nameBytes * 64 });
  await new Promise<void>((resolve, reject) => {
    const fail = (problem: unknown): void => {
      source.destroy();
      reject(problem instanceof Error ? problem : new Error(String(problem)));
    };
    const guarded = (step: () => void): void => {
      try {
        step();
      } catch (error) {
        fail(error);
      }
    };
    parser.on("entry", (entry: ReadEntry) => {
      const kind = kinds[entry.type];
      if (kind === undefined)
        return fail(new Error(`holds a ${describeType(entry.type)} named ${entry.path}`));
      if (entry.size > limits.fileBytes)
        return fail(new Error(`holds ${entry.path} of ${entry.size} bytes, more than ${limits.fileBytes}`));
      const chunks: Buffer[] = [];
      entry.on("data", (chunk: Buffer) => chunks.push(chunk));
      entry.on("end", () => guarded(() => take(toRaw(entry, kind, Buffer.concat(chunks)))));
    });
    parser.on("ignoredEntry", (entry: ReadEntry) =>
      fail(new Error(`holds a ${describeType(entry.type)} named ${entry.path}`)),
    );
    parser.on("error", fail);
    parser.on("end", resolve);
    source.on("data", (chunk: Buffer) => guarded(() => void parser.write(chunk)));
    source.on("end", () => guarded(() => void parser.end()));
    source.on("error", fail);
  });
}

function toRaw(entry: ReadEntry, kind: RawEntry["kind"], content: Buffer): RawEntry {
  return {
    name: entry.path,
    kind,
    permissions: entry.mode ?? 0o644,
    target: entry.linkpath ?? "",
    content,
    modifiedAt: Math.floor((entry.mtime?.getTime() ?? 0) / 1000),
  };
}

function describeType(type: string): string {
  return (
    { CharacterDevice: "device node", BlockDevice: "device node", FIFO: "FIFO" }[type] ?? `"${type}" entry`
  );
}
