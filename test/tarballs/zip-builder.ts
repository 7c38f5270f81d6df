import { crc32 } from "../../src/tarballs/crc32.js";

export interface ZipEntry {
  name: string;
  content?: Buffer | string;
  /** Unix mode with its file type: 0o100644, 0o120777. */
  mode?: number;
  /** The size that the zip states. */
  statedBytes?: number;
  flags?: number;
  crc?: number;
}

/** A zip of stored entries, with whatever a hostile sender would put into it. */
export function buildZip(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let at = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    const content = Buffer.from(entry.content ?? "");
    const both = Buffer.alloc(26);
    both.writeUInt16LE(20, 0);
    both.writeUInt16LE(entry.flags ?? 0x800, 2);
    both.writeUInt16LE(0x5021, 8);
    both.writeUInt32LE(entry.crc ?? crc32(content), 10);
    both.writeUInt32LE(content.length, 14);
    both.writeUInt32LE(entry.statedBytes ?? content.length, 18);
    both.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), both, name, content]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 6);
    tail.writeUInt32LE(at, 10);
    centrals.push(Buffer.from("PK\x01\x02\x14\x03", "latin1"), both, tail, name);
    locals.push(local);
    at += local.length;
  }
  const central = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, central, end]);
}
