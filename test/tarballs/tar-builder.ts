import { gzipSync } from "node:zlib";

export interface TarEntry {
  name: string;
  content?: string | Buffer;
  /** ustar type flag: 0 file, 1 hard link, 2 symlink, 3 and 4 devices, 5 folder, 6 FIFO. */
  type?: string;
  target?: string;
  mode?: number;
  mtime?: number;
  /** The size that the header states, whatever follows it. */
  size?: Buffer;
}

/** A ustar archive, byte by byte, with whatever a hostile sender would put into it. */
export function buildTar(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const content = Buffer.from(entry.content ?? "");
    return [header(entry, content.length), content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** A pax header (POSIX.1-2017) for the entry after it, or with type "g" for every one. */
export function paxHeader(fields: Readonly<Record<string, string>>, type = "x"): TarEntry {
  const records = Object.entries(fields).map(([key, value]) => {
    const rest = ` ${key}=${value}\n`;
    const bytes = Buffer.byteLength(rest);
    const length = [1, 2, 3, 4, 5, 6, 7].find((digits) => String(bytes + digits).length === digits)!;
    return `${bytes + length}${rest}`;
  });
  return { name: "pax", type, content: records.join("") };
}

/** GNU tar's entry that holds a long name ("L") or link target ("K") for the entry after it. */
export function gnuLong(type: "L" | "K", text: string): TarEntry {
  return { name: "././@LongLink", type, content: `${text}\0` };
}

export function buildTarGz(entries: readonly TarEntry[]): Buffer {
  return gzipSync(buildTar(entries), { level: 1 });
}

function header(entry: TarEntry, sizeBytes: number): Buffer {
  const block = Buffer.alloc(512);
  const octal = (value: number, at: number, width: number): void =>
    void block.write(`${value.toString(8).padStart(width - 1, "0")}\0`, at, "latin1");
  block.write(entry.name, 0, 100, "latin1");
  octal(entry.mode ?? 0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  if (entry.size) entry.size.copy(block, 124);
  else octal(sizeBytes, 124, 12);
  octal(entry.mtime ?? 1_600_000_000, 136, 12);
  block.fill(" ", 148, 156);
  block.write(entry.type ?? "0", 156, "latin1");
  block.write(entry.target ?? "", 157, 100, "latin1");
  block.write("ustar\x0000", 257, "latin1");
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return block;
}
