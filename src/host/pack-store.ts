// Small values by key in a few immutable pack files: one read gives a pack's table, so that hundreds of values cost no
// hundred files. A run writes what is new as one more pack (beside, then renamed); many packs become one again. Readers
// need no lock: a pack that vanishes or is damaged is a miss, and what was missed is written anew.
import { randomBytes } from "node:crypto";
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { checkOf, keyOf, packOf, readTable, rowBytes, type Pack, type PackEntry } from "./pack-file.js";

export interface PackPlace {
  folder: string;
  /** What the values are, such as "units". */
  kind: string;
  /** Of what makes the values; packs of another version are never read, and go when they are a week old. */
  version: string;
  /** How much all packs of this kind may hold together. */
  limitBytes: number;
}

const manyPacks = 12;
const touchAfterMs = 3_600_000;
const staleAfterMs = 7 * 24 * 3_600_000;

/** `keys` are hex ids of at least 20 bytes; values are any bytes. Nothing here throws for what the disk does. */
export class PackStore {
  private readonly packs: Pack[];
  private readonly places = new Map<string, { pack: Pack; entry: PackEntry }>();
  private readonly fresh = new Map<string, Buffer>();
  private readonly handles = new Map<Pack, number>();

  constructor(
    private readonly place: PackPlace,
    private readonly nowMs: number,
  ) {
    this.packs = namesIn(place.folder)
      .filter((name) => name.startsWith(`${place.kind}-${place.version}-`) && name.endsWith(".pack"))
      .flatMap((name) => readTable(join(place.folder, name)) ?? [])
      .sort((a, b) => b.usedMs - a.usedMs);
    for (const pack of this.packs)
      for (const entry of pack.entries)
        if (!this.places.has(entry.key)) this.places.set(entry.key, { pack, entry });
  }

  get(id: string): Buffer | undefined {
    const key = keyOf(id);
    const found = this.places.get(key);
    if (found === undefined) return this.fresh.get(key);
    const value = this.read(found.pack, found.entry) ?? this.readElsewhere(key, found.pack);
    if (value === undefined) this.places.delete(key);
    return value;
  }

  /** What was damaged may have been written anew into a pack of the same age. */
  private readElsewhere(key: string, damaged: Pack): Buffer | undefined {
    for (const pack of this.packs) {
      const entry = pack === damaged ? undefined : pack.entries.find((each) => each.key === key);
      const value = entry && this.read(pack, entry);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** Kept in memory until `save`. */
  put(id: string, value: Buffer): void {
    this.fresh.set(keyOf(id), value);
  }

  /** Writes what was put, keeps to the limit, and lets go of the files. A disk that refuses is no failure. */
  save(): void {
    try {
      const used = [...this.handles.keys()].filter(({ usedMs }) => this.nowMs - usedMs > touchAfterMs);
      for (const { path } of used) utimesSync(path, this.nowMs / 1000, this.nowMs / 1000);
      const sizeBytes = this.packs.reduce((sum, pack) => sum + pack.sizeBytes, 0);
      if (this.fresh.size > 0) {
        if (this.packs.length >= manyPacks || sizeBytes > this.place.limitBytes) this.merge();
        else this.write(this.fresh);
        this.removeStale();
      }
    } catch {
      // a full or read-only cache makes the next run slower, nothing else
    } finally {
      for (const handle of this.handles.values()) closeSync(handle);
      this.handles.clear();
    }
  }

  /** One pack of everything, this run's first, then what was used last, cut at three quarters of the limit. */
  private merge(): void {
    let room = this.place.limitBytes * 0.75;
    const kept = new Map<string, Buffer>();
    const keep = (key: string, value: Buffer | undefined): void => {
      if (value === undefined || kept.has(key) || room < value.length) return;
      kept.set(key, value);
      room -= value.length + rowBytes;
    };
    for (const [key, value] of this.fresh) keep(key, value);
    for (const [key, { pack, entry }] of this.places) keep(key, this.read(pack, entry));
    this.write(kept);
    for (const { path } of this.packs) rmSync(path, { force: true });
  }

  private removeStale(): void {
    const { folder, kind, version } = this.place;
    for (const name of namesIn(folder)) {
      if (!name.startsWith(`${kind}-`) || (name.startsWith(`${kind}-${version}-`) && name.endsWith(".pack")))
        continue;
      const path = join(folder, name);
      const age = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? this.nowMs;
      if (this.nowMs - age > staleAfterMs) rmSync(path, { force: true });
    }
  }

  private write(values: ReadonlyMap<string, Buffer>): void {
    const { folder, kind, version } = this.place;
    const name = join(folder, `${kind}-${version}-${randomBytes(8).toString("hex")}.pack`);
    mkdirSync(folder, { recursive: true });
    try {
      writeFileSync(`${name}.part`, packOf(values), { flag: "wx" });
      renameSync(`${name}.part`, name);
    } catch (error) {
      rmSync(`${name}.part`, { force: true });
      throw error;
    }
  }

  private read(pack: Pack, { offset, length, check }: PackEntry): Buffer | undefined {
    try {
      const handle = this.handles.get(pack) ?? openSync(pack.path, "r");
      this.handles.set(pack, handle);
      const value = Buffer.allocUnsafe(length);
      const isWhole = readSync(handle, value, 0, length, offset) === length;
      return isWhole && checkOf(value) === check ? value : undefined;
    } catch {
      return undefined;
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
