// A running bisect looked at again and again: evidence folders and git's bisect state are read, nothing is written. What
// has ended is read once, and of the samples only what is new.
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import { runChecked } from "../host/run-command.js";
import type { BisectFacts } from "../report/assemble-report.js";
import { progressOf, readLoad, readStageNotes, type WatchedTrial } from "../report/progress.js";
import type { Progress } from "../report/progress-shape.js";
import { GrowingSeries } from "../report/read-series.js";
import { readTrial } from "../report/trial-record.js";
import { GrowingFile } from "./growing-file.js";
import { readBisect } from "./read-bisect.js";

const recordNames = ["settings.json", "verdict.json", "fault.json", "stages.jsonl"];

export interface FollowedPlace {
  cwd: string;
  /** Where the trials are. */
  evidence: string;
}

export class TrialFollower {
  private readonly ended = new Map<string, WatchedTrial>();
  private newest: { name: string; series: GrowingSeries; file: GrowingFile } | undefined;
  private bisect: { state: string; facts: BisectFacts | undefined } | undefined;

  constructor(
    private readonly place: FollowedPlace,
    private readonly now: () => Date,
  ) {}

  async look(): Promise<Progress> {
    const names = await trialNames(this.place.evidence);
    const trials = (await Promise.all(names.map((name) => this.trial(name)))).flatMap((one) => one ?? []);
    const newest = trials.at(-1);
    const series = newest === undefined ? undefined : await this.seriesOf(basename(newest.trial.folder));
    return progressOf({
      now: this.now(),
      repository: basename(this.place.cwd),
      bisect: await this.bisectFacts(),
      trials,
      curves: series?.curves() ?? [],
      marks: series?.marks ?? [],
    });
  }

  private async trial(name: string): Promise<WatchedTrial | undefined> {
    const known = this.ended.get(name);
    if (known !== undefined) return known;
    const folder = join(this.place.evidence, name);
    const files = new Map<string, string>();
    for (const file of recordNames) {
      const text = await readFile(join(folder, file), "utf8").catch(() => undefined);
      if (text !== undefined) files.set(file, text);
    }
    const record = readTrial({ folder: relative(this.place.cwd, folder) || ".", files });
    if (record === undefined) return undefined;
    const notes = readStageNotes(files.get("stages.jsonl") ?? "");
    const pid = notes.at(-1)?.pid;
    const { trial } = record;
    const load = readLoad(jsonOf(files.get("settings.json")));
    const watched: WatchedTrial = { trial, notes, load, isAlive: pid !== undefined && isAlive(pid) };
    if (trial.verdict !== "cut") this.ended.set(name, watched);
    return watched;
  }

  private async seriesOf(name: string): Promise<GrowingSeries> {
    if (this.newest?.name !== name)
      this.newest = {
        name,
        series: new GrowingSeries(),
        file: new GrowingFile(join(this.place.evidence, name, "samples.jsonl")),
      };
    const { series, file } = this.newest;
    for await (const piece of file.read()) series.push(piece);
    return series;
  }

  /** git is asked again only when its bisect log has changed. */
  private async bisectFacts(): Promise<BisectFacts | undefined> {
    const { cwd } = this.place;
    const folder = (await runChecked(["git", "rev-parse", "--git-dir"], { cwd })).toString().trim();
    const info = await stat(join(resolve(cwd, folder), "BISECT_LOG")).catch(() => undefined);
    const state = info === undefined ? "none" : `${info.mtimeMs} ${info.size}`;
    if (this.bisect?.state !== state) this.bisect = { state, facts: await readBisect(cwd) };
    return this.bisect.facts;
  }
}

/** By their begin, which their names start with. */
async function trialNames(evidence: string): Promise<string[]> {
  const entries = await readdir(evidence, { withFileTypes: true }).catch(() => []);
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
}

/** Another user's process is alive too. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function jsonOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
