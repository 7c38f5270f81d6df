// A tar, block by block. The library decodes a header's fields; the walk is ours, because a reader that skips what it
// does not know (sparse maps, data after the end, a missing end) would import other files than tar unpacks.
import { Header } from "tar/header";
import type { RawEntry } from "./entry.js";
import type { ArchiveLimits } from "./limits.js";
import { parsePax, type PaxFields } from "./pax.js";

/** What is done with the entries of an archive, in its order. */
export interface EntrySink {
  /** Whether the content of the file with this name is wanted; what is not is skipped without being held. */
  wants(name: string): boolean;
  take(entry: RawEntry): void;
}

const BLOCK = 512;
const MOST_META_BYTES = 1024 * 1024;

const kinds: Partial<Record<string, RawEntry["kind"]>> = {
  File: "file",
  OldFile: "file",
  ContiguousFile: "file",
  SymbolicLink: "symlink",
  Link: "hardlink",
  Directory: "folder",
};

const metas: Partial<Record<string, "pax" | "global" | "path" | "linkpath">> = {
  ExtendedHeader: "pax",
  OldExtendedHeader: "pax",
  GlobalExtendedHeader: "global",
  NextFileHasLongPath: "path",
  OldGnuLongPath: "path",
  NextFileHasLongLinkpath: "linkpath",
};

/** A body that is being read: its bytes go to `done` once the last has come. */
interface Body {
  sizeBytes: number;
  /** Still to come, with the padding to a whole block. */
  leftBytes: number;
  parts: Buffer[] | undefined;
  done: (content: Buffer) => void;
}

/** Takes a tar in chunks of any size; what is wrong is thrown as the second half of a sentence. */
export class TarReader {
  private partial: Buffer = Buffer.alloc(0);
  private body: Body | undefined;
  private extended: PaxFields = {};
  private nullBlocks = 0;

  constructor(
    private readonly limits: ArchiveLimits,
    private readonly sink: EntrySink,
  ) {}

  write(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.body) at += this.takeBody(this.body, chunk, at);
      else if (this.partial.length > 0 || chunk.length - at < BLOCK) at += this.takePartial(chunk, at);
      else {
        this.takeBlock(chunk.subarray(at, at + BLOCK));
        at += BLOCK;
      }
    }
  }

  /** To be called when the last chunk was written. */
  end(): void {
    if (this.body) throw new Error("is cut short inside a file");
    if (this.partial.some((byte) => byte !== 0)) throw new Error(this.nullBlocks > 0 ? afterEnd : cutShort);
    if (this.nullBlocks === 0) throw new Error(cutShort);
  }

  private takePartial(chunk: Buffer, at: number): number {
    const piece = chunk.subarray(at, at + BLOCK - this.partial.length);
    const block = Buffer.concat([this.partial, piece]);
    this.partial = block.length < BLOCK ? block : Buffer.alloc(0);
    if (block.length === BLOCK) this.takeBlock(block);
    return piece.length;
  }

  private takeBody(body: Body, chunk: Buffer, at: number): number {
    const piece = chunk.subarray(at, at + body.leftBytes);
    body.parts?.push(piece);
    body.leftBytes -= piece.length;
    if (body.leftBytes === 0) {
      this.body = undefined;
      const parts = body.parts ?? [];
      const whole = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
      body.done(whole.subarray(0, body.sizeBytes));
    }
    return piece.length;
  }

  private takeBlock(block: Buffer): void {
    const isNull = block.equals(zeros);
    if (isNull) this.nullBlocks++;
    else if (this.nullBlocks > 0) throw new Error(afterEnd);
    else this.takeHeader(new Header(block));
  }

  private takeHeader(header: Header): void {
    if (!header.cksumValid)
      throw new Error("is damaged (the checksum of a tar header is wrong) or no archive");
    const meta = metas[header.type];
    if (meta) return this.readMeta(meta, header.size ?? 0);
    const extended = this.extended;
    this.extended = {};
    this.readEntry(header, extended);
  }

  private readMeta(meta: "pax" | "global" | "path" | "linkpath", sizeBytes: number): void {
    if (sizeBytes > MOST_META_BYTES)
      throw new Error(`holds a header of ${sizeBytes} bytes, more than ${MOST_META_BYTES}`);
    this.read(sizeBytes, true, (content) => {
      if (meta === "path" || meta === "linkpath")
        this.extended = { ...this.extended, [meta]: untilNull(content) };
      else if (meta === "pax") this.extended = { ...this.extended, ...parsePax(content) };
      else if (Object.keys(parsePax(content)).some((key) => key !== "modifiedAt"))
        throw new Error("holds a header that would rename or resize every file after it");
    });
  }

  private readEntry(header: Header, extended: PaxFields): void {
    const name = extended.path ?? header.path ?? "";
    const kind = kinds[header.type];
    if (kind === undefined || extended.sparse)
      throw new Error(
        `holds ${describeType(extended.sparse ? "SparseFile" : header.type)} named ${shown(name)}`,
      );
    const sizeBytes = extended.sizeBytes ?? header.size ?? (kind === "file" ? undefined : 0);
    if (sizeBytes === undefined) throw new Error(`is damaged (no size is stated for ${shown(name)})`);
    if (sizeBytes > this.limits.fileBytes)
      throw new Error(`holds ${shown(name)} of ${sizeBytes} bytes, more than ${this.limits.fileBytes}`);
    this.read(sizeBytes, kind === "file" && this.sink.wants(name), (content) =>
      this.sink.take({
        name,
        kind,
        permissions: header.mode ?? 0o644,
        target: extended.linkpath ?? header.linkpath ?? "",
        content,
        modifiedAt: extended.modifiedAt ?? Math.floor((header.mtime?.getTime() ?? 0) / 1000),
      }),
    );
  }

  private read(sizeBytes: number, isWanted: boolean, done: (content: Buffer) => void): void {
    if (sizeBytes === 0) return done(Buffer.alloc(0));
    const leftBytes = Math.ceil(sizeBytes / BLOCK) * BLOCK;
    this.body = { sizeBytes, leftBytes, parts: isWanted ? [] : undefined, done };
  }
}

const zeros = Buffer.alloc(BLOCK);
const afterEnd = "holds data after its end";
const cutShort = "is cut short: the end of the tar is missing";

function untilNull(content: Buffer): string {
  const end = content.indexOf(0);
  return content.toString("utf8", 0, end < 0 ? undefined : end);
}

function shown(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}...` : name);
}

function describeType(type: string): string {
  const words: Partial<Record<string, string>> = {
    CharacterDevice: "a device node",
    BlockDevice: "a device node",
    FIFO: "a FIFO",
    SparseFile: "a sparse file",
  };
  return words[type] ?? `an entry of kind "${type}"`;
}
