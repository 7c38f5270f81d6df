// Objects of a repository through one `git cat-file --batch`: starting git costs more than most of its answers.
import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import { harnessFault } from "../fault/fault.js";

export interface GitObject {
  id: string;
  type: string;
  content: Buffer;
}

interface Waiting {
  resolve: (object: GitObject | undefined) => void;
  reject: (error: Error) => void;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** A repository's objects, answered in the order asked for. Git runs from the first question to our own end. */
export class GitObjects {
  private child: Child | undefined;
  private readonly waiting: Waiting[] = [];
  private pieces: Buffer[] = [];
  private have = 0;
  /** The header of the object whose content is awaited. */
  private header: { id: string; type: string; size: number } | undefined;
  private words = "";

  /** `cacheBytes` is how much git keeps of the versions that others are made from (core.deltaBaseCacheLimit). */
  constructor(
    private readonly cwd: string,
    private readonly cacheBytes?: number,
  ) {}

  /**
   * The object that a revision means (`HEAD^{tree}`, `v1:src/a.c`, an id); undefined when there is none. Rejects with a
   * harness fault when git can't be asked.
   */
  get(revision: string): Promise<GitObject | undefined> {
    if (revision.includes("\n")) return Promise.resolve(undefined); // git reads one question per line
    return new Promise((resolve, reject) => {
      this.child ??= this.start();
      this.hold(true);
      this.waiting.push({ resolve, reject });
      this.child.stdin.write(`${revision}\n`);
    });
  }

  private start(): Child {
    const limit = this.cacheBytes === undefined ? [] : ["-c", `core.deltaBaseCacheLimit=${this.cacheBytes}`];
    const child = spawn("git", [...limit, "cat-file", "--batch"], {
      cwd: this.cwd,
      stdio: ["pipe", "pipe", "pipe"],
    });
    child.stdin.on("error", () => undefined); // told by its end
    child.stdout.on("data", (piece: Buffer) => this.take(piece));
    child.stderr.on("data", (piece: Buffer) => (this.words += piece.toString()));
    child.on("error", (cause) => this.fail(`cannot start git: ${cause.message}`));
    child.on("close", () => this.fail(this.words.trim().split("\n")[0] || "git cat-file ended"));
    return child;
  }

  /** While nothing is asked, git must not keep this process alive. */
  private hold(isHeld: boolean): void {
    const { child } = this;
    if (child === undefined) return;
    for (const one of [child, child.stdin, child.stdout, child.stderr] as unknown as Socket[])
      if (isHeld) one.ref();
      else one.unref();
  }

  private fail(message: string): void {
    this.child = undefined;
    for (const { reject } of this.waiting.splice(0))
      reject(harnessFault(`git cannot be asked: ${message}`, { hint: "tarbisect doctor" }));
  }

  private take(piece: Buffer): void {
    this.pieces.push(piece);
    this.have += piece.length;
    while (this.answer());
    if (this.waiting.length === 0) this.hold(false);
  }

  /** Answers the first question when all of its answer is here. */
  private answer(): boolean {
    if (this.have === 0 || this.have <= (this.header?.size ?? 0)) return false;
    const bytes = this.pieces.length === 1 ? this.pieces[0]! : Buffer.concat(this.pieces);
    if (this.header !== undefined) {
      const { id, type, size } = this.header;
      this.header = undefined;
      this.keep(bytes.subarray(size + 1));
      this.waiting.shift()?.resolve({ id, type, content: bytes.subarray(0, size) });
      return true;
    }
    const lineEnd = bytes.indexOf(10);
    this.keep(bytes.subarray(lineEnd + 1));
    if (lineEnd < 0) return false;
    const found = /^([0-9a-f]+) (\w+) (\d+)$/.exec(bytes.toString("latin1", 0, lineEnd));
    if (found) this.header = { id: found[1]!, type: found[2]!, size: Number(found[3]) };
    else this.waiting.shift()?.resolve(undefined);
    return true;
  }

  private keep(rest: Buffer): void {
    this.pieces = rest.length === 0 ? [] : [rest];
    this.have = rest.length;
  }
}
