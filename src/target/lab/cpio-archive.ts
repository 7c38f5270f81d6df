// An initramfs in cpio's "newc" form (kernel: Documentation/driver-api/early-userspace/buffer-format.rst). Written by
// us, so that device nodes and root's ownership need no root.

export type ArchiveEntry =
  | { kind: "folder"; path: string }
  | { kind: "file"; path: string; content: Uint8Array; mode: number }
  | { kind: "link"; path: string; to: string }
  | { kind: "terminal"; path: string; major: number; minor: number };

const typeBits = { folder: 0o040755, file: 0o100000, link: 0o120777, terminal: 0o020600 } as const;

/** The entries as one archive, folders first; paths are relative, without a leading slash. */
export function renderArchive(entries: readonly ArchiveEntry[]): Buffer {
  const pieces = entries.flatMap((entry, index) => renderEntry(entry, index + 1));
  return Buffer.concat([...pieces, ...record("TRAILER!!!", { mode: 0, inode: 0 })]);
}

/** Every folder above the given paths, each once, parents first. */
export function foldersAbove(paths: readonly string[]): ArchiveEntry[] {
  const folders = new Set<string>();
  for (const path of paths) {
    const parts = path.split("/").slice(0, -1);
    for (const [index] of parts.entries()) folders.add(parts.slice(0, index + 1).join("/"));
  }
  return [...folders].map((path) => ({ kind: "folder", path }));
}

function renderEntry(entry: ArchiveEntry, inode: number): Buffer[] {
  const mode = typeBits[entry.kind];
  switch (entry.kind) {
    case "folder":
      return record(entry.path, { mode, inode });
    case "file":
      return record(entry.path, { mode: mode | entry.mode, inode, content: entry.content });
    case "link":
      return record(entry.path, { mode, inode, content: Buffer.from(entry.to) });
    case "terminal":
      return record(entry.path, { mode, inode, device: [entry.major, entry.minor] });
  }
}

interface RecordFields {
  mode: number;
  inode: number;
  content?: Uint8Array;
  device?: [major: number, minor: number];
}

function record(path: string, { mode, inode, content, device }: RecordFields): Buffer[] {
  const name = Buffer.from(`${path}\0`);
  const size = content?.length ?? 0;
  const fields = [inode, mode, 0, 0, 1, 0, size, 0, 0, ...(device ?? [0, 0]), name.length, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`;
  const head = padded(Buffer.concat([Buffer.from(header), name]));
  return content === undefined ? [head] : [head, padded(content)];
}

function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
