// `decode`: the frames of a log, each with its place in a built module and the lines of source there.
import { readModuleSymbols, type ModuleSymbols } from "../build/module-symbols.js";
import { sourceLines, type SourceLine, type SourcePlace } from "../build/source-lines.js";
import { moduleFrames, type LoggedFrame } from "../evidence/module-frames.js";
import { placeFrame, type FramePlace } from "../evidence/place-frames.js";
import type { Evidence } from "../evidence/read-evidence.js";

export interface DecodedFrame extends LoggedFrame {
  place: FramePlace;
  /** For each place the functions there, innermost first; [] without debug information. */
  lines: SourceLine[][];
}

export interface DecodedLog {
  module: string;
  ko: string;
  hasLines: boolean;
  frames: DecodedFrame[];
}

interface DecodeInput {
  evidence: readonly Evidence[];
  ko: string;
  addr2line?: string;
  signal: AbortSignal;
}

/** Decodes every frame that is in the module, each once, in the order of the log. */
export async function decodeLog({ evidence, ko, addr2line, signal }: DecodeInput): Promise<DecodedLog> {
  const symbols = await readModuleSymbols(ko, signal);
  const each = moduleFrames(evidence, symbols.module)
    .map((frame) => ({ frame, place: placeFrame(frame, symbols) }))
    .filter(({ frame, place }) => frame.module !== undefined || place.kind === "placed");
  const placed = each.map((one) => ({ ...one, place: sameBuild(one, each) }));
  const lines = await linesOf(symbols, placed, { signal, ...(addr2line !== undefined && { addr2line }) });
  const frames = placed.map(({ frame, place }, i) => ({ ...frame, place, lines: lines[i] ?? [] }));
  return { module: symbols.module, ko, hasLines: symbols.hasLines, frames };
}

/** memleak prints no sizes: what another line says of the same function's build holds for it too. */
function sameBuild(one: Placed, all: readonly Placed[]): FramePlace {
  if (one.frame.size !== undefined) return one.place;
  const known = all.find(
    ({ frame, place }) => frame.function === one.frame.function && place.kind === "other-build",
  );
  return known?.place ?? one.place;
}

interface Placed {
  frame: LoggedFrame;
  place: FramePlace;
}

type Options = Parameters<typeof sourceLines>[2];

async function linesOf(
  symbols: ModuleSymbols,
  placed: readonly { place: FramePlace }[],
  options: Options,
): Promise<SourceLine[][][]> {
  if (!symbols.hasLines) return placed.map(() => []);
  const wanted = placed.map(({ place }) => placesOf(place));
  const found = await sourceLines(symbols, wanted.flat(), options);
  let next = 0;
  return wanted.map((places) => places.map(() => found[next++] ?? []));
}

function placesOf(place: FramePlace): SourcePlace[] {
  if (place.kind === "placed") return [place];
  return place.kind === "ambiguous" ? place.places : [];
}
