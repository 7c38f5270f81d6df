// The frames that evidence of any kind has in one module, each once.
import type { FrameInLog } from "./place-frames.js";
import type { Evidence } from "./read-evidence.js";
import type { ParsedFrame, StackFrame } from "./stack-frame.js";

export interface LoggedFrame extends FrameInLog {
  /** The event that it was first in, from 0; undefined for one of a memory print. */
  event?: number;
}

/** In the order of the evidence. Frames that name no module come too: only their size tells whose they are. */
export function moduleFrames(evidence: readonly Evidence[], module: string): LoggedFrame[] {
  const all = evidence.flatMap((one) => [...fromEvents(one), ...fromStacks(one)]);
  const seen = new Map<string, LoggedFrame>();
  for (const frame of all) {
    if (frame.offset === undefined || (frame.module ?? module).replaceAll("-", "_") !== module) continue;
    const key = `${frame.symbol ?? frame.function}+${frame.offset}/${frame.size ?? ""}`;
    const before = seen.get(key);
    if (before === undefined) seen.set(key, frame);
    else if (!frame.returns) before.returns = false;
  }
  return [...seen.values()];
}

function fromEvents({ events = [] }: Evidence): LoggedFrame[] {
  return events.flatMap((event) =>
    event.frames.map((frame) => ({
      ...parsed(frame),
      event: event.index,
      returns: frame.stack !== "ip" && frame.stack !== "headline",
    })),
  );
}

function fromStacks({ memleak = [] }: Evidence): LoggedFrame[] {
  const stacks = memleak.flatMap((print) => print.stacks);
  return stacks.flatMap((stack) => stack.frames.map((frame) => ({ ...frame, returns: true })));
}

function parsed(frame: StackFrame): ParsedFrame {
  const { function: name, reliable, inline } = frame;
  return {
    function: name,
    reliable,
    inline,
    ...(frame.symbol !== undefined && { symbol: frame.symbol }),
    ...(frame.offset !== undefined && { offset: frame.offset }),
    ...(frame.size !== undefined && { size: frame.size }),
    ...(frame.module !== undefined && { module: frame.module }),
  };
}
