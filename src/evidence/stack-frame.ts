// One line of a kernel backtrace, in the spellings of the last twenty years and of the usual machines.

export type StackContext = "task" | "irq" | "softirq" | "nmi" | "exception" | "user";

/** One function of a backtrace. `offset` and `size` are in bytes; `size` is the function's size in that build. */
export interface StackFrame {
  function: string;
  /** As it was printed, where the compiler's suffixes make it differ: `demo_poll.isra.0`. */
  symbol?: string;
  offset?: number;
  size?: number;
  /** The loadable module in brackets, in-tree or not. */
  module?: string;
  /** `path:line` where the log was symbolized already. */
  source?: string;
  /** False for `? ` frames, which are leftovers on the stack and may not have been called. */
  reliable: boolean;
  inline: boolean;
  context: StackContext;
  /**
   * Which of the event's stacks it belongs to: "main" (the calls), "ip" (the instruction pointer), "headline" (named by
   * the first line), "work" (the work item), "lock" (where a lock was taken), "lock chain", "lock became", "allocated",
   * "freed", "other".
   */
  stack: string;
  /** The how manieth of the event's printed backtraces it is in, from 0. */
  trace: number;
}

export type ParsedFrame = Omit<StackFrame, "context" | "stack" | "trace">;

const name = String.raw`(<[^+]{1,200}>[\w:<>]*|[A-Za-z_.$][\w.$]*(?:::[\w<>{}:.$]+)*)`;
const offsets = String.raw`\+0x([0-9a-f]{1,8})(?:\/0x([0-9a-f]{1,8}))?`;
/** The module stands before the source or, as decode_stacktrace.sh came to write it, behind; a terminal may have cut it. */
const tail = String.raw`(?:\s*\[([\w-]+)(?:[ (][^\]]*)?\])?(?:\s+\[([\w-]+)\])?(?:\s+(\S+:\d+))?(\s+\[inline\])?(?:\s+\[([\w-]+)\])?(?:\s+\[[\w-]*>?)?`;
/** `[<0>]` is all that /proc/PID/stack tells of an address, and `[]` is what some mails leave of it. */
const address = String.raw`(?:\[<?[0-9a-fx]{1,20}>?\]\s*|\[(?:<>)?\]\s+|(?:0x)?[0-9a-f]{16}:?\s+)`;
const lead = String.raw`^\s*\(?(?:${address}){0,3}(?:\(null\)\s*)?`;
const plain = new RegExp(
  String.raw`${lead}(\?\s*)?(?:\(?)(?::[\w-]+:)?${name}${offsets}\)?${tail}(?:\s+\([A-Z]+\))?(?:\s+\(unreliable\)|\s+\(discriminator \d+\))?\)?\s*$`,
);
const inlined = new RegExp(
  String.raw`^\s*(?:${address})?(\? )?${name}\s+((?:[\w.-]+\/)*[\w.-]+\.(?:[chS]|rs):\d+)(\s+\[inline\])?\s*$`,
);
/** As scripts/decode_stacktrace.sh rewrites it: `demo_poll (src/demo_rx.c:12 (discriminator 3)) demo_nic`. */
const symbolized =
  /^\s*(?:\[<[0-9a-fx]{4,20}>\]\s*)?(\? )?([A-Za-z_.$][\w.$]*)(?:\+0x([0-9a-f]{1,8})(?:\/0x([0-9a-f]{1,8}))?)? \(((?:[\w.+-]*\/)*[\w.+-]+\.(?:[chS]|rs):\d+)[^()]{0,200}(?:\([^()]{0,60}\)[^()]{0,60})?\)(?: \[?([\w-]+)\]?)?\s*$/;
const from = /^(.*?) from (.*)$/;
const bareCallee = /^\s*(?:\[<[0-9a-f]+>\]\s*)?\(?([A-Za-z_][\w.$]*)\)?(?: \[([\w-]+)\])?\)?$/;
const crashTool = /^\s*#\d+ \[[0-9a-f]+\] ([A-Za-z_][\w.$]*) at [0-9a-f]+(?: \[([\w-]+)\])?/;

/** A frame of a line; `callee` marks what an ARM line says besides: the function that was called from there. */
export type LineFrame = ParsedFrame & { callee?: true };

/** The frames of a backtrace line without its log prefixes and context tags, innermost first; [] when it has none. */
export function parseFrames(text: string): LineFrame[] {
  const called = text.length <= longest && text.includes(" from ") ? from.exec(text) : null;
  const callee = called === null ? undefined : parseCallee(called[1] ?? "");
  if (callee === undefined) {
    const frame = parseFrame(text);
    return frame === undefined ? [] : [frame];
  }
  const caller = parseFrame(called?.[2] ?? "");
  return caller === undefined ? [callee] : [callee, caller];
}

function parseCallee(text: string): LineFrame | undefined {
  const [, name, module] = bareCallee.exec(text) ?? [];
  if (name !== undefined)
    return {
      function: stripSuffixes(name),
      reliable: true,
      inline: false,
      ...moduleOf(module),
      callee: true,
    };
  const frame = parseFrame(text);
  return frame === undefined ? undefined : { ...frame, callee: true };
}

const longest = 400;

/** One frame, or undefined when the line is none; of an ARM line (`f from g+0x1/0x2`) the caller. */
export function parseFrame(text: string): ParsedFrame | undefined {
  if (text.length > longest) return undefined;
  if (text.includes("+0x")) {
    const match = plain.exec(text);
    if (match !== null) return ofPlain(match);
  }
  if (text.includes(" (") && text.includes(":")) {
    const match = symbolized.exec(text);
    if (match !== null) return ofSymbolized(match);
  }
  if (text.includes(":")) {
    const match = inlined.exec(text);
    if (match !== null)
      return {
        function: stripSuffixes(match[2] ?? ""),
        source: match[3] ?? "",
        reliable: match[1] === undefined,
        inline: match[4] !== undefined,
      };
  }
  if (!text.includes("#")) return undefined;
  const match = crashTool.exec(text);
  if (match === null) return undefined;
  return { function: stripSuffixes(match[1] ?? ""), reliable: true, inline: false, ...moduleOf(match[2]) };
}

function ofPlain(match: RegExpExecArray): ParsedFrame | undefined {
  const symbol = match[2] ?? "";
  if (symbol.startsWith("__pfx_")) return undefined; // the padding before a function, never a caller
  const frame: ParsedFrame = {
    function: stripSuffixes(symbol),
    offset: parseInt(match[3] ?? "0", 16),
    reliable: match[1] === undefined && !match[0].includes("(unreliable)"),
    inline: match[8] !== undefined,
  };
  if (frame.function !== symbol) frame.symbol = symbol;
  if (match[4] !== undefined) frame.size = parseInt(match[4], 16);
  if (match[7] !== undefined) frame.source = match[7];
  return { ...frame, ...moduleOf(match[5] === "inline" ? undefined : (match[5] ?? match[9])) };
}

function ofSymbolized(match: RegExpExecArray): ParsedFrame {
  const [, unsure, symbol = "", offset, size, source, module] = match;
  const name = stripSuffixes(symbol);
  return {
    function: name,
    ...(name !== symbol && { symbol }),
    ...(offset !== undefined && { offset: parseInt(offset, 16) }),
    ...(size !== undefined && { size: parseInt(size, 16) }),
    ...(source !== undefined && { source }),
    reliable: unsure === undefined,
    inline: false,
    ...moduleOf(module),
  };
}

function moduleOf(module: string | undefined): { module?: string } {
  return module === undefined || module === "kernel" || module === "vmlinux" ? {} : { module };
}

const suffix = /\.(?:constprop|isra|part|cold|llvm|lto_priv|cfi_jt|cfi|clone|plt|const)(?:\.\d+)?$/;
const number = /\.\d+$/;

/** The function as the source names it: without the compiler's clones (`.isra.0`, `.constprop.1.cold.4`). */
export function stripSuffixes(symbol: string): string {
  let bare = symbol.startsWith(".") ? symbol.slice(1) : symbol;
  while (suffix.test(bare) || number.test(bare)) bare = bare.replace(suffix, "").replace(number, "");
  return bare === "__softirqentry_text_start" ? "__do_softirq" : bare;
}
