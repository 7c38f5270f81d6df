// BCC's memleak prints, of any of its releases, and the story's own extension of it that counts deallocations.
import { parseFrame, type ParsedFrame } from "./stack-frame.js";

/** One stack of a print. Only the top N stacks are printed: one that is missing is censored, not zero. */
export interface MemleakStack {
  /** Bytes outstanding; 0 for deallocations, which have none. */
  bytes: number;
  count: number;
  kind: "allocations" | "deallocations";
  frames: ParsedFrame[];
  /** The kernel had no room for the stack. */
  lost: boolean;
  /** The functions outwards, to follow one stack through several prints. */
  key: string;
}

export interface MemleakPrint {
  /** `HH:MM:SS` as printed (it has no date), or undefined when the print has no head. */
  clock?: string;
  /** Seconds since the first print of the file, over midnight. */
  elapsedSeconds?: number;
  stacks: MemleakStack[];
}

/** libbpf-tools' pads nothing: [9:5:7]. */
const head = /^\[(\d\d?):(\d\d?):(\d\d?)\] Top \d+ stacks with outstanding allocations/;
const entry = /^\s*(?:(\d+) bytes in )?(\d+) (allocations|deallocations) from stack/;

/** Reads full and `--combined-only` prints. Never throws; [] when there is none. */
export function readMemleak(text: string): MemleakPrint[] {
  const prints: MemleakPrint[] = [];
  let stack: MemleakStack | undefined;
  let last: { elapsed: number; clock: number } | undefined;
  for (const line of text.split("\n")) {
    const time = head.exec(line);
    if (time !== null) {
      const clock = Number(time[1]) * 3600 + Number(time[2]) * 60 + Number(time[3]);
      last = {
        elapsed: last === undefined ? 0 : last.elapsed + ((clock - last.clock + 86400) % 86400),
        clock,
      };
      prints.push({
        clock: time
          .slice(1, 4)
          .map((each) => each.padStart(2, "0"))
          .join(":"),
        elapsedSeconds: last.elapsed,
        stacks: [],
      });
      stack = undefined;
      continue;
    }
    const counted = entry.exec(line);
    if (counted !== null) {
      stack = newStack(counted);
      if (prints.length === 0) prints.push({ stacks: [] });
      prints.at(-1)?.stacks.push(stack);
    } else if (stack !== undefined) stack = readStackLine(stack, line);
  }
  for (const print of prints) for (const each of print.stacks) each.key = keyOf(each);
  return prints;
}

function newStack(counted: RegExpExecArray): MemleakStack {
  return {
    bytes: Number(counted[1] ?? 0),
    count: Number(counted[2]),
    kind: counted[3] === "deallocations" ? "deallocations" : "allocations",
    frames: [],
    lost: false,
    key: "",
  };
}

/** The first frame is often printed twice: the probe sees it as its own caller. */
function readStackLine(stack: MemleakStack, line: string): MemleakStack | undefined {
  if (line.includes("stack information lost")) {
    stack.lost = true;
    return stack;
  }
  if (/^\s*addr = /.test(line)) return stack;
  const frame = parseFrame(line.replace(/^\s*\d+ (?=\[<)/, ""));
  if (frame === undefined) return line.trim() === "" ? undefined : stack;
  const [first] = stack.frames;
  const doubled =
    stack.frames.length === 1 && first?.function === frame.function && first.offset === frame.offset;
  if (!doubled) stack.frames.push(frame);
  return stack;
}

function keyOf(stack: MemleakStack): string {
  return stack.frames.map((frame) => frame.function).join(" < ");
}

/** A print as memleak writes it, so that any of its readers takes it. */
export function renderMemleak({ clock = "00:00:00", stacks }: MemleakPrint): string {
  const lines = stacks.flatMap(({ bytes, count, kind, frames }) => [
    `\t${bytes} bytes in ${count} ${kind} from stack`,
    ...frames.map(
      ({ symbol, function: name, offset = 0, module }) =>
        `\t\t${symbol ?? name}+0x${offset.toString(16)}${module === undefined ? "" : ` [${module}]`}`,
    ),
  ]);
  return `[${clock}] Top ${stacks.length} stacks with outstanding allocations:\n${lines.join("\n")}\n`;
}

/**
 * libbpf-tools' memleak prints no modules. With the module's lines of /proc/kallsyms ("ffffffffc0482000 t tbnic_poll") its
 * frames get them, as BCC's have them: ` [tbnic]`.
 */
export function nameModule(text: string, module: string, kallsyms: string): string {
  const symbols = [...kallsyms.matchAll(/^([0-9a-f]{16}) [tT] ([\w.]+)/gm)].map(
    ([, address, symbol]) => [BigInt(`0x${address}`), symbol] as const,
  );
  if (symbols.length === 0) return text;
  const names = new Set(symbols.map(([, symbol]) => symbol));
  const first = symbols.reduce((least, [address]) => (address < least ? address : least), symbols[0]![0]);
  const last = symbols.reduce((most, [address]) => (address > most ? address : most), first);
  return text.replace(
    /^(\s*\d+ \[<([0-9a-f]{16})>\] ([\w.]+)\+0x[0-9a-f]+)[ \t]*$/gm,
    (line, frame: string, address: string, symbol: string) => {
      const at = BigInt(`0x${address}`);
      // The last function reaches beyond its symbol.
      const inside = at >= first && at <= last + 0x10000n;
      return inside && names.has(symbol) ? `${frame} [${module}]` : line;
    },
  );
}
