// Where the frames of a log are in a built module. A frame says how large its function was, so a log of another release
// is told from one of this build.
import type { ModuleSymbol, ModuleSymbols } from "../build/module-symbols.js";
import { stripSuffixes, type ParsedFrame } from "./stack-frame.js";

/** A frame as it was printed, and whether it is a return address: then the call stands just before it. */
export interface FrameInLog extends ParsedFrame {
  returns: boolean;
}

export type FramePlace =
  | { kind: "placed"; section: string; address: number; symbol: string }
  | { kind: "ambiguous"; places: { section: string; address: number; symbol: string }[] }
  /** The function is there, but not of that size: the log is of another release, kernel or compiler. */
  | { kind: "other-build"; sizeBytes: number; ownBytes: number[] }
  | { kind: "unknown"; why: string };

/** Finds one frame's function and place. */
export function placeFrame(frame: FrameInLog, of: ModuleSymbols): FramePlace {
  const { offset, size } = frame;
  if (offset === undefined) return { kind: "unknown", why: "the log gives no offset" };
  const same = candidates(frame, of.symbols);
  if (same.length === 0) return { kind: "unknown", why: `no such function in ${of.module}` };
  const fitting = same.filter((symbol) => fits(symbol, size, of) && offset <= room(symbol, of));
  if (fitting.length === 0)
    return {
      kind: "other-build",
      sizeBytes: size ?? offset,
      ownBytes: same.map((symbol) => ownSize(symbol, of)),
    };
  const back = frame.returns && offset > 0 ? 1 : 0;
  const places = fitting.map((symbol) => ({
    section: symbol.section,
    address: symbol.value + offset - back,
    symbol: symbol.name,
  }));
  const [only] = places;
  return only !== undefined && places.length === 1
    ? { kind: "placed", ...only }
    : { kind: "ambiguous", places };
}

/** The very symbol; else one that differs by the numbers the compiler gave its clones. */
function candidates(frame: FrameInLog, symbols: readonly ModuleSymbol[]): ModuleSymbol[] {
  const functions = symbols.filter((symbol) => symbol.isFunction);
  const wanted = frame.symbol ?? frame.function;
  const exact = functions.filter((symbol) => symbol.name === wanted);
  if (exact.length > 0) return exact;
  const cold = isCold(wanted);
  return functions.filter((s) => stripSuffixes(s.name) === frame.function && isCold(s.name) === cold);
}

function isCold(name: string): boolean {
  return /\.cold\b/.test(name);
}

/** The kernel's size reaches to the next symbol; for a section's last one to whatever was loaded behind it. */
function fits(symbol: ModuleSymbol, size: number | undefined, of: ModuleSymbols): boolean {
  if (size === undefined) return true;
  const reach = room(symbol, of);
  if (isLast(symbol, of)) return size >= symbol.sizeBytes && size <= symbol.sizeBytes + pageBytes;
  return size === reach || size === symbol.sizeBytes;
}

const pageBytes = 4096;

function nextValue(symbol: ModuleSymbol, of: ModuleSymbols): number | undefined {
  let next: number | undefined;
  for (const { section, value, name } of of.symbols)
    if (section === symbol.section && value > symbol.value && value < (next ?? Infinity) && isNamed(name))
      next = value;
  return next;
}

function ownSize(symbol: ModuleSymbol, of: ModuleSymbols): number {
  return isLast(symbol, of) ? symbol.sizeBytes : room(symbol, of);
}

function isLast(symbol: ModuleSymbol, of: ModuleSymbols): boolean {
  return nextValue(symbol, of) === undefined;
}

function room(symbol: ModuleSymbol, of: ModuleSymbols): number {
  const next = nextValue(symbol, of);
  return next === undefined ? symbol.sizeBytes + pageBytes : next - symbol.value;
}

/** kallsyms passes over mapping symbols and local labels. */
function isNamed(name: string): boolean {
  return !/^(?:\$|\.L|L0)/.test(name);
}
