// The last trial is taken back: git's state becomes what it was without it, a person's marks stay.
import { usageFault } from "../fault/fault.js";
import type { BisectState, GitBisect } from "./git-state.js";
import { parseOwnLines, type TrialLine } from "./own-lines.js";
import { settledView } from "./settled-view.js";
import { readView, type View } from "./view.js";

/** Gives the trial that was taken back, and what is known without it. */
export async function takeBack(git: GitBisect): Promise<{ taken: TrialLine; view: View }> {
  return git.alone(async () => {
    const [state, view] = [await git.read(), await readView(git)];
    const taken = state?.own.findLast((line) => line.kind === "trial" && line.carried !== true);
    if (state === undefined || view === undefined || taken?.kind !== "trial")
      throw usageFault("there is no verdict to take back", "git bisect log");
    await git.replace(logWithout(taken, state, view));
    return { taken, view: await settledView(git) };
  });
}

/** Marks of ours go too: what still follows from the trials is made again. */
function logWithout(last: TrialLine, { text }: BisectState, { claimed, line, words }: View): string {
  const made = claimed
    .filter(({ index }) => index > 0 && index < line.commits.length - 1)
    .map(({ index, as }) => `git bisect ${words[as]} ${line.commits[index]!.commit}`);
  const lines = text.split("\n");
  const at = lines.findLastIndex((each) => parseOwnLines(each).some((own) => isSame(own, last)));
  return lines
    .filter((each, index) => {
      const mark = made.indexOf(each);
      if (mark >= 0) made.splice(mark, 1);
      const [own] = parseOwnLines(each);
      const isEnd =
        own?.kind === "mark" &&
        [line.commits[0], line.commits.at(-1)].some((end) => end?.commit === own.commit);
      return mark < 0 && index !== at && (own?.kind !== "mark" || isEnd);
    })
    .join("\n");
}

function isSame(one: object, other: object): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
