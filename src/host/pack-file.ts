// The form of a pack: a table of keys in front, then the values, so that one read tells what it holds.
import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** Where a value lies in its pack; `check` tells a damaged one. */
export interface PackEntry {
  key: string;
  offset: number;
  length: number;
  check: string;
}

export interface Pack {
  path: string;
  entries: PackEntry[];
  sizeBytes: number;
  usedMs: number;
}

const magic = 0x7462_7031;
const headBytes = 8;
const keyBytes = 20;
export const rowBytes = 32;

/** Magic, count, and a row of key, offset, length and check for each value; then the values. */
export function packOf(values: ReadonlyMap<string, Buffer>): Buffer {
  const table = Buffer.alloc(headBytes + values.size * rowBytes);
  table.writeUInt32BE(magic, 0);
  table.writeUInt32BE(values.size, 4);
  let row = headBytes;
  let offset = table.length;
  for (const [key, value] of values) {
    table.write(key, row, "hex");
    table.writeUInt32BE(offset, row + keyBytes);
    table.writeUInt32BE(value.length, row + keyBytes + 4);
    table.write(checkOf(value), row + keyBytes + 8, "hex");
    offset += value.length;
    row += rowBytes;
  }
  return Buffer.concat([table, ...values.values()], offset);
}

/** The table of a pack; undefined for what is no whole pack. */
export function readTable(path: string): Pack | undefined {
  let handle: number | undefined;
  try {
    handle = openSync(path, "r");
    const { size, mtimeMs } = fstatSync(handle);
    const table = readFront(handle, size);
    if (table === undefined) return undefined;
    const entries: PackEntry[] = [];
    for (let row = headBytes; row < table.length; row += rowBytes) {
      const offset = table.readUInt32BE(row + keyBytes);
      const length = table.readUInt32BE(row + keyBytes + 4);
      if (offset + length > size) continue;
      const check = table.toString("hex", row + keyBytes + 8, row + rowBytes);
      entries.push({ key: table.toString("hex", row, row + keyBytes), offset, length, check });
    }
    return { path, entries, sizeBytes: size, usedMs: mtimeMs };
  } catch {
    return undefined;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** Head and rows; undefined for what is no pack. */
function readFront(handle: number, size: number): Buffer | undefined {
  const first = Buffer.alloc(Math.min(size, 4096));
  readSync(handle, first, 0, first.length, 0);
  if (first.length < headBytes || first.readUInt32BE(0) !== magic) return undefined;
  const length = headBytes + first.readUInt32BE(4) * rowBytes;
  if (length > size) return undefined;
  if (length <= first.length) return first.subarray(0, length);
  const whole = Buffer.alloc(length);
  readSync(handle, whole, 0, length, 0);
  return whole;
}

/** The part of a hex id that a pack keeps. */
export function keyOf(id: string): string {
  return id.slice(0, keyBytes * 2);
}

export function checkOf(value: Buffer): string {
  return createHash("sha1").update(value).digest("hex").slice(0, 8);
}
