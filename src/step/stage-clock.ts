// How long each part of a trial took: what is not build, load and stress is our own overhead.
import type { NoteStage } from "./stage-notes.js";

export interface StageTime {
  stage: string;
  elapsedMs: number;
}

export class StageClock {
  readonly times: StageTime[] = [];

  /** `begins` is told each part before it runs. */
  constructor(private readonly begins: NoteStage) {}

  /** Runs a part and notes its time, however it ends. */
  async run<T>(stage: string, part: () => Promise<T>): Promise<T> {
    this.begins(stage);
    const begun = performance.now();
    try {
      return await part();
    } finally {
      this.times.push({ stage, elapsedMs: Math.round(performance.now() - begun) });
    }
  }
}
