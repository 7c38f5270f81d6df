// git's own bisect state: read, added to, and replaced whole. Whatever is killed in between, the same call completes it.
import { existsSync } from "node:fs";
import { open, readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { harnessFault, usageFault } from "../fault/fault.js";
import { holdingLock } from "../host/process-lock.js";
import { describeEnd, runChecked, runCommand } from "../host/run-command.js";
import { writeFileAtomically } from "../host/write-file.js";
import { parseBisectLog, type BisectLog } from "./git-log.js";
import { parseOwnLines, renderOwnLine, type OwnLine } from "./own-lines.js";

export interface BisectState {
  /** The whole text of `git bisect log`. */
  text: string;
  /** git's marks; undefined while there are none. */
  log: BisectLog | undefined;
  own: OwnLine[];
  terms: Terms;
}

/** The words for the two states, as `git bisect terms` has them. */
export interface Terms {
  old: string;
  new: string;
}

export type MarkWord = "good" | "bad" | "skip";

/** The bisect state of the work tree around `repository`. */
export class GitBisect {
  constructor(
    readonly repository: string,
    /** This work tree's own part of git's folder. */
    readonly gitFolder: string,
    /** Beside the folder that all work trees share: .tarbisect/ */
    readonly ownFolder: string,
  ) {}

  static async open(cwd: string): Promise<GitBisect> {
    const argv = ["git", "rev-parse", "--show-toplevel", "--git-dir", "--git-common-dir"];
    const found = await runCommand(argv, { cwd });
    const [repository, own, shared] = found.stdout.toString().trim().split("\n");
    if (found.end.kind !== "exited" || found.end.code !== 0 || !repository || !own || !shared)
      throw usageFault(
        `${cwd} is in no git work tree: ${found.stderr.trim().split("\n")[0] || describeEnd(found.end)}`,
        "cd into the repository that tarbisect import made",
      );
    return new GitBisect(repository, resolve(cwd, own), join(resolve(cwd, shared), "..", ".tarbisect"));
  }

  /** Runs what no other bisect of this work tree may disturb; a replacement that was cut short is completed first. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const refusal = (pid: string): Error =>
      usageFault(`process ${pid} bisects here already`, `ps -fp ${pid}`);
    return holdingLock(join(this.gitFolder, "tarbisect", "lock"), refusal, async () => {
      const cutShort = await readFile(this.#next, "utf8").catch(() => undefined);
      if (cutShort !== undefined) await this.replace(cutShort);
      return work();
    });
  }

  /** Undefined when no bisect is under way. */
  async read(): Promise<BisectState | undefined> {
    if (!existsSync(join(this.gitFolder, "BISECT_START"))) return undefined;
    const text = await readFile(this.#log, "utf8").catch(() => "");
    const terms = await this.#terms();
    const log = parseBisectLog(text, { good: terms.old, bad: terms.new });
    return { text, log, own: parseOwnLines(text), terms };
  }

  /** Adds lines of ours; a fault when the bisect was ended meanwhile. */
  async add(...lines: OwnLine[]): Promise<void> {
    if (!existsSync(join(this.gitFolder, "BISECT_START")))
      throw usageFault("the bisect was ended while it ran", "git bisect log tells; start it again");
    const file = await open(this.#log, "a+");
    try {
      const before = await file.readFile("utf8");
      // A power loss may have left a piece of a line.
      const lead = before === "" || before.endsWith("\n") ? "" : "\n";
      await file.write(lead + lines.map(renderOwnLine).join(""));
      await file.sync();
    } finally {
      await file.close();
    }
  }

  /** `git bisect WORD COMMIT`; git then checks out what it would test next. */
  mark(word: string, commit: string): Promise<void> {
    return this.#bisect(word, commit);
  }

  /** Lets git say its answer, where a kill came between the last mark and that. */
  async ensureAnswer(): Promise<void> {
    const text = await readFile(this.#log, "utf8").catch(() => "");
    if (!/^# (possible )?first /m.test(text)) await this.#bisect("next");
  }

  async #bisect(...words: string[]): Promise<void> {
    const { end, stdout, stderr } = await this.#git("bisect", ...words);
    // 2: only skipped commits are left, which is git's answer and no failure.
    if (end.kind === "exited" && (end.code === 0 || end.code === 2)) return;
    const said = (stderr.trim() || stdout.toString().trim()).split("\n").at(-1) ?? "";
    throw harnessFault(`git bisect ${words.join(" ")} failed: ${describeEnd(end)}: ${said}`);
  }

  /** Checks a commit out, as git bisect does; the user's changes are never overwritten. */
  async checkOut(commit: string): Promise<void> {
    await runChecked(["git", "checkout", "--quiet", "--detach", commit, "--"], { cwd: this.repository });
  }

  /**
   * Makes this text the bisect: git's commands in it are run anew, then our lines are put back. Killed at any moment, the
   * next `alone` does it again from the start.
   */
  async replace(text: string): Promise<void> {
    await writeFileAtomically(this.#next, text);
    const { stderr } = await this.#git("bisect", "replay", this.#next);
    // Its exit code is 1 also when git has its answer at once; its log tells whether it took every command.
    const made = await readFile(this.#log, "utf8").catch(() => "");
    const commands = text.split("\n").filter((line) => line.startsWith("git bisect "));
    if (!commands.every((line) => made.includes(`${line}\n`))) {
      await rm(this.#next, { force: true });
      throw harnessFault(`git bisect replay failed: ${stderr.trim()}`, {
        hint: "git status; a bisect needs a work tree without changes",
      });
    }
    const own = parseOwnLines(text).map(renderOwnLine).join("");
    await writeFileAtomically(this.#log, made + own);
    await rm(this.#next, { force: true });
  }

  get #log(): string {
    return join(this.gitFolder, "BISECT_LOG");
  }

  /** A log that is to replace the present one. */
  get #next(): string {
    return join(this.gitFolder, "tarbisect", "next-bisect-log");
  }

  async #terms(): Promise<Terms> {
    const text = await readFile(join(this.gitFolder, "BISECT_TERMS"), "utf8").catch(() => "");
    const [recent, old] = text.split("\n");
    return { new: recent || "bad", old: old || "good" };
  }

  #git(...args: string[]): ReturnType<typeof runCommand> {
    return runCommand(["git", ...args], { cwd: this.repository });
  }
}
