import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PackStore } from "../../src/host/pack-store.js";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "packs-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const id = (n: number): string => n.toString(16).padStart(40, "0");
const value = (n: number): Buffer => Buffer.from(`value ${n} `.repeat(50));

function open(limitBytes = 1_000_000, version = "1"): PackStore {
  return new PackStore({ folder, kind: "units", version, limitBytes }, Date.now());
}

function putAndSave(numbers: readonly number[], limitBytes?: number): void {
  const store = open(limitBytes);
  for (const n of numbers) store.put(id(n), value(n));
  store.save();
}

const all = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at);

describe("PackStore", () => {
  it("gives back what an earlier run put, and nothing else", () => {
    putAndSave([1, 2]);
    putAndSave([3]);
    const store = open();
    expect([1, 2, 3].map((n) => store.get(id(n)))).toEqual([1, 2, 3].map(value));
    expect(store.get(id(4))).toBeUndefined();
    expect(open(1000, "2").get(id(1))).toBeUndefined();
  });

  it("keeps what stores that were open at the same time wrote", () => {
    const [one, two] = [open(), open()];
    one.put(id(1), value(1));
    two.put(id(2), value(2));
    one.save();
    two.save();
    expect([1, 2].map((n) => open().get(id(n)))).toEqual([1, 2].map(value));
  });

  it("takes a damaged value for none, and writes it anew", () => {
    putAndSave([1, 2]);
    const [name] = readdirSync(folder);
    const path = join(folder, name!);
    const bytes = readFileSync(path);
    bytes[bytes.length - 3]! ^= 0xff; // in the value of 2
    writeFileSync(path, bytes);
    const store = open();
    expect(store.get(id(1))).toEqual(value(1));
    expect(store.get(id(2))).toBeUndefined();
    store.put(id(2), value(2));
    store.save();
    // A clock that is coarse gives both packs one time.
    for (const each of readdirSync(folder)) utimesSync(join(folder, each), 1, 1);
    expect(open().get(id(2))).toEqual(value(2));
  });

  it.each([
    ["empty", () => Buffer.alloc(0)],
    ["cut in its table", (bytes: Buffer) => bytes.subarray(0, 20)],
    ["of something else", (bytes: Buffer) => Buffer.alloc(bytes.length, 0xff)],
  ])("reads past a pack that is %s", (_, damage) => {
    putAndSave([1]);
    const path = join(folder, readdirSync(folder)[0]!);
    writeFileSync(path, damage(readFileSync(path)));
    expect(open().get(id(1))).toBeUndefined();
  });

  it("makes many packs one again and stays within its limit, the newest kept", () => {
    for (const n of all(0, 60)) putAndSave([n], 20_000);
    const sizeBytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    expect(sizeBytes).toBeLessThan(21_000);
    expect(readdirSync(folder).length).toBeLessThanOrEqual(13);
    const store = open();
    expect(store.get(id(59))).toEqual(value(59));
    expect(store.get(id(0))).toBeUndefined();
  });

  it("removes packs of other versions when they are a week old", () => {
    putAndSave([1]);
    const path = join(folder, readdirSync(folder)[0]!);
    const old = Date.now() / 1000 - 8 * 24 * 3600;
    utimesSync(path, old, old);
    const store = open(1000, "2");
    store.put(id(2), value(2));
    store.save();
    expect(readdirSync(folder).every((name) => name.startsWith("units-2-"))).toBe(true);
  });

  it("is no failure where the folder can't be made", () => {
    writeFileSync(join(folder, "file"), "");
    const place = { folder: join(folder, "file", "index"), kind: "units", version: "1", limitBytes: 1000 };
    const store = new PackStore(place, Date.now());
    store.put(id(1), value(1));
    expect(store.get(id(1))).toEqual(value(1));
    store.save();
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("");
  });
});
