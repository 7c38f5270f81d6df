// What changed between two unchanged pieces, as pairs that can change one by one: declarations, cases, rows.
import { diffArrays } from "diff";
import type { Piece } from "./body-pieces.js";
import { localsOf } from "./locals.js";

/** Some pieces in a row; the name tells which old and new segment belong together. */
export interface Segment {
  name: string;
  pieces: readonly Piece[];
}

export interface SegmentPair {
  old: Segment | undefined;
  new: Segment | undefined;
}

/** A declaration and a whole case can come and go alone; all other statements in a row stay together. */
export function statementsOfGap(before: readonly Piece[], after: readonly Piece[]): SegmentPair[] {
  return pairByName(segmentsOf(before, statementName), segmentsOf(after, statementName));
}

/** Each row alone, unless one lacks the comma that its neighbours need. */
export function rowsOfGap(before: readonly Piece[], after: readonly Piece[]): SegmentPair[] {
  const [old, now] = [segmentsOf(before, rowName), segmentsOf(after, rowName)];
  const isWhole = ({ pieces }: Segment): boolean => /,$|^#|^\}|\{$/.test(pieces.at(-1)!.code);
  if ([...old, ...now].every(isWhole)) return pairByName(old, now);
  const all = (pieces: readonly Piece[]): Segment | undefined =>
    pieces.length === 0 ? undefined : { name: "rows", pieces };
  return [{ old: all(before), new: all(after) }];
}

/** A segment can only begin where the text is as deep as where the gap began. */
function segmentsOf(pieces: readonly Piece[], nameOf: (piece: Piece) => string | undefined): Segment[] {
  const segments: { name: string; pieces: Piece[] }[] = [];
  let isAlone = true;
  for (const piece of pieces) {
    const isSame = piece.depthBefore === pieces[0]!.depthBefore;
    const name = isSame ? nameOf(piece) : undefined;
    if (name === undefined && !isAlone) segments.at(-1)!.pieces.push(piece);
    else segments.push({ name: name ?? "statements", pieces: [piece] });
    isAlone = name?.startsWith("declares ") === true;
  }
  return segments;
}

function statementName({ code }: Piece): string | undefined {
  const names = localsOf(code);
  if (names.length > 0) return `declares ${names.join(" ")}`;
  return /^(?:case\b[^:]*|default\s*):/.exec(code)?.[0];
}

function rowName({ code }: Piece): string {
  if (code.startsWith("}")) return "tail";
  return /^[\w.]+(?= ?[,=])|^\[ ?\w+ ?\](?= ?=)/.exec(code)?.[0].replace(/^\.|[[\] ]/g, "") ?? code;
}

function pairByName(before: readonly Segment[], after: readonly Segment[]): SegmentPair[] {
  const pairs: SegmentPair[] = [];
  let [oldAt, newAt] = [0, 0];
  const comparator = (a: Segment, b: Segment): boolean => a.name === b.name;
  for (const { added, removed, count } of diffArrays([...before], [...after], { comparator }))
    for (let each = 0; each < count; each++)
      pairs.push({ old: added ? undefined : before[oldAt++], new: removed ? undefined : after[newAt++] });
  return pairs;
}
