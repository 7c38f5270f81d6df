import { harnessFault, usageFault } from "../fault/fault.js";
import type { GitBisect } from "./git-state.js";
import { marksDue } from "./marks-due.js";
import { readView, type View } from "./view.js";

/** What is known, once git has all marks that follow from it. */
export async function settledView(git: GitBisect): Promise<View> {
  for (let before: string | undefined; ;) {
    const view = await readView(git);
    if (view === undefined) throw usageFault("the bisect was ended while it ran", "git bisect log tells");
    const [due] = marksDue(view);
    if (due === undefined) {
      if (view.situation.next.kind === "found") await git.ensureAnswer();
      return view;
    }
    const { commit } = view.line.commits[due.index]!;
    const what = `${view.words[due.as]} ${commit}`;
    if (what === before) throw harnessFault(`git did not take the mark ${what}`);
    before = what;
    // First whose mark it will be; a kill in between leaves one too many, which the next round makes use of.
    if (!view.claimed.some(({ index, as }) => index === due.index && as === due.as))
      await git.add({ kind: "mark", as: due.as, commit });
    await git.mark(view.words[due.as], commit);
  }
}
