// How long each part of a trial took: what is not build, load and stress is our own overhead.

export interface StageTime {
  stage: string;
  elapsedMs: number;
}

export class StageClock {
  readonly times: StageTime[] = [];

  /** Runs a part and notes its time, however it ends. */
  async run<T>(stage: string, part: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    try {
      return await part();
    } finally {
      this.times.push({ stage, elapsedMs: Math.round(performance.now() - begun) });
    }
  }
}
