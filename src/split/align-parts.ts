// A changed function, table or enum as slots of its own: statements and rows that can change alone.
import { diffArrays } from "diff";
import { cutBody, type Body, type Piece, type PieceKind } from "./body-pieces.js";
import type { CUnit } from "./c-unit.js";
import { joinGroups } from "./join-groups.js";
import { localTies } from "./local-ties.js";
import { labelsOf, localsOf } from "./locals.js";
import { rowsOfGap, statementsOfGap, type Segment, type SegmentPair } from "./segments.js";
import type { Slot } from "./slot.js";

/** The parts of a slot in the order of its text; undefined when it can only change as a whole. */
export function alignParts(slot: Slot): Slot[] | undefined {
  const { old: before, new: after } = slot;
  if (!before || !after || before.kind !== after.kind || before.code === after.code) return undefined;
  const kind = pieceKindOf(before, after);
  if (kind === undefined) return undefined;
  const [old, now] = [cutBody(before.text, kind), cutBody(after.text, kind)];
  if (!old || !now || (kind === "rows" && old.head.code !== now.head.code)) return undefined;
  return slotsOf(slot, { old, now, kind });
}

function pieceKindOf(before: CUnit, after: CUnit): PieceKind | undefined {
  if (before.kind === "function") return "statements";
  const isList = before.kind === "enum" || before.kind === "variable";
  const isCut = (unit: CUnit): boolean => unit.directivesOf.length === 0 && unit.code.includes("{");
  return isList && isCut(before) && isCut(after) ? "rows" : undefined;
}

/** A pair and the number of the lump that it may not come out of. */
type Row = SegmentPair & { lump: number };

interface Bodies {
  old: Body;
  now: Body;
  kind: PieceKind;
}

function rowsOf({ old, now, kind }: Bodies): Row[] {
  const [before, after] = [old.pieces, now.pieces];
  const rows: Row[] = [{ old: segment([old.head]), new: segment([now.head]), lump: 0 }];
  let [oldAt, newAt, lump, isOpen] = [0, 0, 1, false];
  let gap: { old: Piece[]; new: Piece[] } = { old: [], new: [] };
  const closeGap = (): void => {
    const pairs = (kind === "rows" ? rowsOfGap : statementsOfGap)(gap.old, gap.new);
    // Where the two versions stand at different depths, what comes next closes what this gap opened.
    const staysOpen = before[oldAt]?.depthBefore !== after[newAt]?.depthBefore;
    const isLevel = (gap.old[0] ?? gap.new[0])?.depthBefore === before[oldAt]?.depthBefore;
    const edges = [gap.old[0], gap.new[0], before[oldAt], after[newAt]];
    const isLump = isOpen || staysOpen || !isLevel || edges.some(isElse);
    for (const pair of pairs) rows.push({ ...pair, lump: isLump ? lump : lump++ });
    if (isLump && !staysOpen) lump++;
    isOpen = staysOpen;
    gap = { old: [], new: [] };
  };
  const comparator = (a: Piece, b: Piece): boolean => a.code === b.code;
  for (const { added, removed, count } of diffArrays(before, after, { comparator })) {
    if (removed) gap.old.push(...before.slice(oldAt, (oldAt += count)));
    else if (added) gap.new.push(...after.slice(newAt, (newAt += count)));
    else {
      closeGap();
      const [oldEnd, newEnd] = [oldAt + count, newAt + count];
      rows.push({
        old: segment(before.slice(oldAt, oldEnd)),
        new: segment(after.slice(newAt, newEnd)),
        lump: -1,
      });
      // Where both versions are at the same depth again, what was open is closed, though nothing changed there.
      const isEven = (each: number): boolean =>
        before[oldAt + each]?.depthBefore === after[newAt + each]?.depthBefore;
      if (isOpen && Array.from({ length: count }, (_, each) => each + 1).some(isEven)) {
        isOpen = false;
        lump++;
      }
      [oldAt, newAt] = [oldEnd, newEnd];
    }
  }
  closeGap();
  return rows;
}

/** Only a statement with "if" can stand before it. */
function isElse(piece: Piece | undefined): boolean {
  return piece !== undefined && /^else\b/.test(piece.code);
}

function segment(pieces: readonly Piece[]): Segment {
  return { name: "", pieces };
}

function slotsOf(whole: Slot, bodies: Bodies): Slot[] {
  const rows = rowsOf(bodies);
  const { name } = whole.new!;
  const side = (from: CUnit, part: Segment | undefined, at: number): CUnit | undefined =>
    part && partUnit(from, part, at === 0 ? "head" : bodies.kind);
  const slots = rows.map((row, at): Slot => {
    const place =
      at === 0 ? {} : bodies.kind === "rows" ? { memberOf: name, part: at } : { within: name, part: at };
    return { ...whole, ...place, old: side(whole.old!, row.old, at), new: side(whole.new!, row.new, at) };
  });
  const changed = slots.flatMap((slot, at) => (slot.old?.code === slot.new?.code ? [] : [at]));
  const lumps = new Map<number, number[]>();
  for (const at of changed) lumps.set(rows[at]!.lump, [...(lumps.get(rows[at]!.lump) ?? []), at]);
  const ties = bodies.kind === "rows" ? [] : tiesOfStatements(slots, { rows, changed, bodies });
  for (const group of joinGroups(changed, [...lumps.values(), ...ties]))
    if (group.length > 1) for (const at of group) slots[at] = { ...slots[at]!, lump: `${name}#${group[0]!}` };
  return slots;
}

function partUnit(from: CUnit, part: Segment, kind: "head" | PieceKind): CUnit {
  const text = part.pieces.map((piece) => piece.text).join("");
  const code = part.pieces.map((piece) => piece.code).join(" ");
  if (kind === "head") return { ...from, text, code, defines: [from.name] };
  const own = { ...from, text, code, directivesOf: [] };
  if (kind === "rows") {
    const name = part.name === "" || part.name === "rows" || part.name === "tail" ? from.name : part.name;
    return { ...own, kind: "row", name, defines: part.pieces.flatMap(({ code }) => constantOf(from, code)) };
  }
  const locals = part.pieces.flatMap((piece) => localsOf(piece.code));
  return { ...own, kind: "statement", defines: [...locals, ...labelsOf(code)] };
}

function constantOf(from: CUnit, code: string): string[] {
  return from.kind === "enum" ? (/^[A-Za-z_]\w*/.exec(code)?.slice(0, 1) ?? []) : [];
}

function tiesOfStatements(
  slots: readonly Slot[],
  { rows, changed, bodies }: { rows: readonly Row[]; changed: readonly number[]; bodies: Bodies },
): number[][] {
  const { old, now } = bodies;
  const isChanged = new Set(changed);
  const statements = [0, ...changed.filter((at) => at > 0)];
  const texts = statements.map((at) => ({
    old: slots[at]!.old?.code ?? "",
    new: slots[at]!.new?.code ?? "",
    cases: { old: casesOf(rows[at]!.old), new: casesOf(rows[at]!.new) },
  }));
  const locals = new Set([...old.pieces, ...now.pieces].flatMap(({ code }) => localsOf(code)));
  for (const { head } of [old, now]) for (const name of parametersOf(head.code)) locals.add(name);
  return localTies(texts, locals).map((group) =>
    group.map((at) => statements[at]!).filter((at) => isChanged.has(at)),
  );
}

/** None where the pieces lie in several. */
function casesOf(part: Segment | undefined): string {
  const [first, last] = [part?.pieces[0]?.cases ?? "", part?.pieces.at(-1)?.cases];
  return first === last ? first : "";
}

function parametersOf(head: string): string[] {
  return [...head.matchAll(/(\w+)\s*(?:\[[^\]]*\])?\s*(?=[,)])/g)].map((found) => found[1]!);
}
