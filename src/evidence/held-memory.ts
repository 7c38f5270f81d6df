// Who holds memory, as the kernel's own debugging says: kmemleak (slab objects that nothing points to) and page_owner
// (every page with the stack that took it; kmemleak is blind to pages, Documentation/dev-tools/kmemleak.rst).
import { parseFrame, type ParsedFrame } from "./stack-frame.js";

/** All memory that one stack took and that was not given back. */
export interface HeldStack {
  source: "kmemleak" | "page-owner";
  bytes: number;
  count: number;
  frames: ParsedFrame[];
  /** The functions outwards, to follow one stack through several prints. */
  key: string;
}

interface Block {
  source: HeldStack["source"];
  bytes: number;
  count: number;
  frames: ParsedFrame[];
  /** Whether its head was read; the stacks of show_stacks end with their count instead. */
  headed: boolean;
}

const pageBytes = 4096;
const object = /^[ \t]*unreferenced object 0x[0-9a-f]+ \(size (\d+)\):/;
const sorted = /^(\d+) times(?:, (\d+) pages)?/;
const allocated = /^Page allocated via order (\d+), /;
const baseCount = /^(?:nr_base_pages|stack_count): (\d+)/;
const mostStacks = 100_000;

/** Reads kmemleak, page_owner, page_owner_sort's output and show_stacks, largest first. Never throws. */
export function readHeldMemory(text: string): HeldStack[] {
  const stacks = new Map<string, HeldStack>();
  let block: Block | undefined;
  for (const line of text.split("\n")) block = readLine(line, block, stacks);
  if (block?.headed === true) keep(block, stacks);
  return [...stacks.values()].sort((a, b) => b.bytes - a.bytes);
}

function readLine(line: string, block: Block | undefined, stacks: Map<string, HeldStack>): Block | undefined {
  const pages = baseCount.exec(line)?.[1];
  if (pages !== undefined) {
    if (block !== undefined)
      keep({ ...block, bytes: Number(pages) * pageBytes, count: Number(pages) }, stacks);
    return undefined;
  }
  const next = headOf(line, block);
  if (next !== undefined) {
    if (block?.headed === true && block.frames.length > 0) keep(block, stacks);
    return next;
  }
  if (line.trim() === "") {
    if (block?.headed === true && block.frames.length > 0) keep(block, stacks);
    return undefined;
  }
  const frame = /^\s/.test(line) ? parseFrame(line) : undefined;
  if (frame === undefined) return block;
  const open = block ?? { source: "page-owner", bytes: 0, count: 0, frames: [], headed: false };
  if (open.frames.length < 64) open.frames.push(frame);
  return open;
}

/** page_owner_sort prints how often a block came before its first line. */
function headOf(line: string, block: Block | undefined): Block | undefined {
  const size = object.exec(line)?.[1];
  if (size !== undefined)
    return { source: "kmemleak", bytes: Number(size), count: 1, frames: [], headed: true };
  const times = sorted.exec(line);
  if (times !== null)
    return {
      source: "page-owner",
      bytes: Number(times[2] ?? times[1]) * pageBytes,
      count: Number(times[1]),
      frames: [],
      headed: true,
    };
  const order = allocated.exec(line)?.[1];
  if (order === undefined) return undefined;
  const counted = block?.headed === true && block.frames.length === 0 && block.count > 0 ? block : undefined;
  return (
    counted ?? {
      source: "page-owner",
      bytes: pageBytes * 2 ** Math.min(20, Number(order)),
      count: 1,
      frames: [],
      headed: true,
    }
  );
}

function keep(block: Block, stacks: Map<string, HeldStack>): void {
  const { source, bytes, count, frames } = block;
  if (frames.length === 0) return;
  const key = frames.map((frame) => frame.function).join(" < ");
  const before = stacks.get(`${source} ${key}`);
  if (before !== undefined) {
    before.bytes += bytes;
    before.count += count;
  } else if (stacks.size < mostStacks) stacks.set(`${source} ${key}`, { source, bytes, count, frames, key });
}
