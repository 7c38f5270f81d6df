import type { Progress } from "../report/progress-shape.js";
import { renderProgress } from "../report/render-progress.js";

interface Terminal {
  isTTY?: boolean;
  columns?: number;
  rows?: number;
}

/** Draws where a bisect stands: on a terminal in place, elsewhere anew whenever a stage or a verdict is new. */
export function progressScreen(
  write: (text: string) => void,
  terminal: Terminal,
): (progress: Progress) => void {
  let drawn = 0;
  let told = "";
  return (progress) => {
    if (terminal.isTTY !== true) {
      const news = newsOf(progress);
      if (news !== told) write(renderProgress(progress));
      told = news;
      return;
    }
    const columns = (terminal.columns ?? 80) - 1;
    const lines = renderProgress(progress, columns)
      .split("\n")
      .slice(0, Math.max(2, (terminal.rows ?? 24) - 1))
      .map((line) => line.slice(0, columns));
    write(`${drawn > 0 ? `\x1b[${drawn}A\r\x1b[J` : ""}${lines.join("\n")}\n`);
    drawn = lines.length;
  };
}

function newsOf({ bisect, current, trials }: Progress): string {
  return JSON.stringify([bisect, current?.folder, current?.stage, current?.state, trials.length]);
}
