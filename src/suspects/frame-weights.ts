// Which of the driver's functions the symptoms name, and how strongly.
import type { Evidence } from "../evidence/read-evidence.js";
import type { CallGraph } from "./call-graph.js";

interface NamedFrame {
  function: string;
  module?: string;
  reliable: boolean;
  /** 1 for the first event of a log, less for its consequences. */
  share: number;
}

const laterEvent = 0.7;
const uncertain = 0.4;

/** Functions of the tree that the evidence names, with a weight of at most 1, in the order they were seen. */
export function frameWeights(evidence: readonly Evidence[], graph: CallGraph): Map<string, number> {
  const own = evidence
    .flatMap(framesOf)
    .filter(
      ({ function: name, module }) =>
        graph.files.has(name) && (module !== undefined || !isCompat(name, graph)),
    );
  const weights = new Map<string, number>();
  const order = [...new Set(own.map((frame) => frame.function))];
  for (const frame of own) {
    const position = 1 / (1 + 0.25 * order.indexOf(frame.function));
    const weight = position * frame.share * (frame.reliable ? 1 : uncertain);
    weights.set(frame.function, Math.max(weight, weights.get(frame.function) ?? 0));
  }
  return weights;
}

/** A driver's copy of a core function for older kernels: the frame is the kernel's own. */
function isCompat(name: string, graph: CallGraph): boolean {
  return /compat/.test(graph.files.get(name) ?? "");
}

function framesOf({ events = [], memleak = [] }: Evidence): NamedFrame[] {
  const fromLog = events.flatMap((event) => {
    const share = event.index === 0 ? 1 : laterEvent;
    const heads = [event.ip, event.workFunction === undefined ? undefined : { function: event.workFunction }];
    return [
      ...heads.flatMap((head) => (head === undefined ? [] : [{ reliable: true, ...head, share }])),
      ...event.frames.map((frame) => ({ ...frame, share })),
    ];
  });
  const fromStacks = memleak.flatMap((print) =>
    print.stacks.flatMap((stack) => stack.frames.map((frame) => ({ ...frame, share: 1 }))),
  );
  return [...fromLog, ...fromStacks];
}
