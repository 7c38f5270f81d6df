// What holds for all changed functions alike: what the traces name, what that leads to, and what is usual among them.
import type { CallGraph } from "./call-graph.js";
import { usualPoints } from "./fix-shape.js";
import { foreignTo } from "./foreign-files.js";
import { printersOf } from "./messages.js";
import { notYetRun } from "./not-yet-run.js";
import { programFiles } from "./program-files.js";
import type { Clues } from "./clues.js";
import { rarityOf } from "./rarity.js";
import { reachFrom, reachFromOutside } from "./reach.js";
import { sightsOf, type Sight } from "./sights.js";
import type { Candidate, SuspectContext } from "./signals/signal.js";
import { usualLines } from "./signals/size.js";
import { subjectOf } from "./symptom-subject.js";

export function contextOf({ graph, traces, fix }: Clues, candidates: readonly Candidate[]): SuspectContext {
  const { own: sights, others, inside } = sightsOf(traces, graph);
  addPrinters(
    sights,
    printersOf(
      traces.map(({ text }) => text),
      graph.sources,
    ),
  );
  const weights = new Map([...sights].map(([name, { weight }]) => [name, weight]));
  const reach = reachFrom(weights, graph, notYetRun(inside, graph));
  reachFromOutside(reach, others, graph);
  const refixes = candidates.flatMap(({ refix }) => refix ?? []);
  return {
    sights,
    reach,
    added: new Set(candidates.flatMap(({ change }) => (change.status === "added" ? [change.name] : []))),
    fileWeights: heaviestPerFile(sights, graph),
    subject: subjectOf(traces),
    programs: traces.length === 0 ? new Set() : programFiles(graph),
    isForeign: foreignTo(traces),
    graph,
    rarity: rarityOf(sights, traces, graph),
    fix:
      fix === undefined
        ? undefined
        : { share: (refixes.length + 1) / (candidates.length + 2), usual: usualPoints(refixes) },
    usualLines: usualLines(candidates.map(({ change }) => change.linesAdded + change.linesRemoved)),
  };
}

/** That a message was printed says that its function ran, not that it is where it went wrong. */
const printed = 0.7;

function addPrinters(sights: Map<string, Sight>, printers: ReadonlyMap<string, string>): void {
  for (const [name, text] of printers)
    if ((sights.get(name)?.weight ?? 0) < printed)
      sights.set(name, { weight: printed, how: `printed "${text}"` });
}

function heaviestPerFile(sights: ReadonlyMap<string, Sight>, graph: CallGraph): Map<string, number> {
  const heaviest = new Map<string, number>();
  for (const [name, { weight }] of sights) {
    const file = graph.files.get(name);
    if (file !== undefined) heaviest.set(file, Math.max(weight, heaviest.get(file) ?? 0));
  }
  return heaviest;
}
