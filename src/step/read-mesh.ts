import type { MeshOutcome } from "./mesh.js";
import type { StressEnd } from "./trial-facts.js";

/** What the flows' end means for the stress. */
export function readMesh(outcome: MeshOutcome): StressEnd {
  const { exposure } = outcome;
  switch (outcome.kind) {
    case "complete":
      if (exposure.packets === 0)
        return {
          kind: "broken",
          detail: "the flows ended well, but no interface under test received a packet",
        };
      return { kind: "clean" };
    case "stopped":
      return { kind: "stopped" };
    case "stalled":
      return { kind: "stalled", detail: outcome.detail };
    case "broken":
      return { kind: "broken", detail: `${outcome.host}: ${outcome.detail}` };
  }
}
