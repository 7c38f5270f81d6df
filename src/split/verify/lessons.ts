// What a failed build teaches. A tree that builds and the next one that does not differ by one group: either something
// that the group needs is not there yet (from the left), or what is still there needs the group (from the right). The
// compiler's message names it; when it says nothing of use, what has most names in common with the group is pulled in.
import type { BuildError } from "../../build/build-errors.js";
import { identifiersOf } from "../c-code.js";
import type { Cutting, Learned } from "../plan-split.js";
import type { SourceTree } from "../slot.js";
import { isMutual, namesInMessage } from "./error-names.js";
import type { Front } from "./lanes.js";
import { slotOfError } from "./place-of-error.js";

export interface Failure {
  front: Front;
  tree: SourceTree;
  /** Slots that have their new text in the tree. */
  applied: ReadonlySet<number>;
  errors: readonly BuildError[];
  /** The slots whose coming (forward) or missing (backward) broke the tree. */
  group: readonly number[];
  /** All other slots whose place is still open. */
  rest: readonly number[];
}

const mostErrors = 40;

export class Lessons implements Learned {
  readonly before: (readonly [number, number])[] = [];
  readonly together: (readonly number[])[] = [];
  readonly #known = new Set<string>();
  readonly #attempts = new Map<number, number>();
  /** Identifiers that a slot's change brings, takes away or counts otherwise. */
  readonly #touched: Map<number, Set<string>>;
  readonly #spread = new Map<string, number>();

  constructor(readonly cutting: Cutting) {
    this.#touched = new Map(cutting.loud.map((index) => [index, this.#touchedBy(index)]));
    for (const names of this.#touched.values())
      for (const name of names) this.#spread.set(name, (this.#spread.get(name) ?? 0) + 1);
  }

  /** Adds at least one thing that was not known, so that the same failure can't come again for ever. */
  learn(failure: Failure): void {
    const first = failure.group[0]!;
    const attempt = (this.#attempts.get(first) ?? 0) + 1;
    this.#attempts.set(first, attempt);
    let hasLearned = false;
    for (const error of distinct(failure.errors).slice(0, mostErrors)) {
      const place = this.#placeOf(error, failure);
      const culprits = this.#culprits(failure, error, place);
      const own = place !== undefined && failure.group.includes(place) ? [place] : failure.group;
      for (const other of culprits)
        if (this.#add(failure.front, { own, other, isTie: isMutual(error.message) })) hasLearned = true;
    }
    if (!hasLearned) this.#guess(failure, attempt);
  }

  /** The slot of the error's line, or of the first macro around it that is in the tree. */
  #placeOf(error: BuildError, { applied }: Failure): number | undefined {
    const lines = [error, ...(error.expandedIn ?? []).map((place) => ({ ...place, message: "" }))];
    for (const line of lines) {
      const place = slotOfError(this.cutting, line, applied);
      if (place !== undefined) return place;
    }
    return undefined;
  }

  /** The open slots that an error speaks of, the surest kind of evidence first. */
  #culprits(failure: Failure, error: BuildError, place: number | undefined): number[] {
    const names = namesInMessage(error.message);
    const { slots } = this.cutting;
    const has = (list: Iterable<string> | undefined): boolean =>
      [...(list ?? [])].some((name) => names.has(name));
    const defines = failure.rest.filter((index) => {
      const [old, now] = [new Set(slots[index]!.old?.defines), new Set(slots[index]!.new?.defines)];
      return has([...now].filter((name) => !old.has(name))) || has([...old].filter((name) => !now.has(name)));
    });
    const isPlaceOpen = place !== undefined && failure.rest.includes(place);
    // From the right, what is missing is the group itself: the place of the error is what needs it.
    if (isPlaceOpen && failure.front === "backward") return [place];
    if (defines.length > 0) return defines;
    if (isPlaceOpen) return [place];
    const redefines = failure.rest.filter((index) =>
      names.has((slots[index]!.new ?? slots[index]!.old)!.name),
    );
    if (redefines.length > 0) return redefines;
    const touching = failure.rest.filter((index) => has(this.#touched.get(index)));
    if (touching.length > 0 && touching.length <= 12) return touching;
    const at = place === undefined ? undefined : slots[place];
    if (at?.within === undefined) return [];
    return failure.rest.filter(
      (index) => slots[index]!.file === at.file && slots[index]!.within === at.within,
    );
  }

  #add(
    front: Front,
    { own, other, isTie }: { own: readonly number[]; other: number; isTie: boolean },
  ): boolean {
    const tie = [own[0]!, other].sort((a, b) => a - b);
    const pairs = own.map((index) =>
      front === "forward" ? ([other, index] as const) : ([index, other] as const),
    );
    const isKnown = pairs.every((pair) => this.#known.has(pair.join("<")));
    if (isTie || isKnown) {
      if (this.#known.has(tie.join("="))) return false;
      this.#known.add(tie.join("="));
      this.together.push([...own, other]);
      return true;
    }
    for (const pair of pairs) this.#known.add(pair.join("<"));
    this.before.push(...pairs);
    return true;
  }

  /** Nothing said helps: first order, then join, each time twice as many of what is most alike. */
  #guess({ front, group, rest }: Failure, attempt: number): void {
    const alike = rest
      .map((index) => ({ index, score: this.#likeness(group, index) }))
      .sort((a, b) => b.score - a.score || a.index - b.index);
    for (const { index } of alike.slice(0, 2 ** attempt))
      this.#add(front, { own: group, other: index, isTie: attempt > 3 });
  }

  #likeness(group: readonly number[], other: number): number {
    const names = this.#touched.get(other)!;
    const { file, within } = this.cutting.slots[other]!;
    return Math.max(
      ...group.map((index) => {
        const slot = this.cutting.slots[index]!;
        const shared = [...this.#touched.get(index)!].filter((name) => names.has(name));
        const near = slot.file !== file ? 0 : slot.within !== undefined && slot.within === within ? 2 : 0.2;
        return shared.reduce((sum, name) => sum + 1 / this.#spread.get(name)!, near);
      }),
    );
  }

  #touchedBy(index: number): Set<string> {
    const { old: before, new: after } = this.cutting.slots[index]!;
    const [gone, come] = [identifiersOf(before?.code ?? ""), identifiersOf(after?.code ?? "")];
    const names = [...gone.keys(), ...come.keys()];
    return new Set(names.filter((name) => gone.get(name) !== come.get(name)));
  }
}

function distinct(errors: readonly BuildError[]): BuildError[] {
  const byText = new Map(
    errors.map((error) => [`${error.file ?? ""}:${error.line ?? ""}:${error.message}`, error]),
  );
  return [...byText.values()];
}
