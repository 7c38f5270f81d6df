// The trials of a table, kernel by kernel: each is booted once, every cell on it is a trial as `step` runs it.
import { Fault, messageOf } from "../fault/fault.js";
import type { SettingsChoice } from "./settings-choices.js";
import type { TrialName, TrialRecord, TrialRecords } from "./trial-record.js";

/** One cell of the trials' table. */
export interface TrialCell {
  release: string;
  kernel: string;
  /** A choice's label. */
  settings: string;
  state: TrialState;
}

export type TrialState =
  | ({ kind: "tested" } & TrialRecord)
  /** Nobody asked for it, or `why` it could not be. */
  | { kind: "not-tested"; why: string | undefined };

export interface TrialsPlan {
  kernels: readonly string[];
  choices: readonly SettingsChoice[];
  /** Rows, in their order. */
  releases: readonly string[];
  records: TrialRecords;
  nameOf: (cell: CellPlace) => TrialName;
  /** Whether the trial is to be run now, if nothing is known of it; in words why not. */
  wants: (cell: CellPlace) => { kind: "yes" } | { kind: "no"; why: string | undefined };
  /** Boots the kernel and runs `use` on it; the words of why it can't be booted, where no fault is meant. */
  onKernel: (kernel: string, use: () => Promise<void>) => Promise<string | undefined>;
  /** Runs one trial on the kernel that is booted. */
  test: (cell: CellPlace) => Promise<TrialRecord>;
  onTested: (cell: TrialCell) => void;
  onFault: (at: { release?: string; kernel: string }, fault: Fault) => void;
}

export interface CellPlace {
  release: string;
  kernel: string;
  choice: SettingsChoice;
}

/** After so many faults in a row the rest would fail alike. */
const mostFaults = 2;

/**
 * What is known of every cell at the end. A harness fault leaves its cell untested, with its cause, and the next cell is
 * tried; the second in a row gives the kernel up, and the next one is booted. Every other fault stops the table.
 */
export async function runTrials(plan: TrialsPlan): Promise<{ cells: TrialCell[]; faults: number }> {
  const states = new Map<CellPlace, TrialState>();
  const places = plan.kernels.flatMap((kernel) =>
    plan.releases.flatMap((release) =>
      plan.choices.map((choice): CellPlace => ({ release, kernel, choice })),
    ),
  );
  for (const place of places) states.set(place, await knownState(plan, place));
  let faults = 0;
  for (const kernel of plan.kernels) {
    const open = places.filter((place) => place.kernel === kernel && isOpen(plan, place, states.get(place)));
    if (open.length === 0) continue;
    const ended = await tryKernel(plan, { kernel, open, states });
    faults += ended.faults;
    for (const place of open)
      if (states.get(place)?.kind === "not-tested" && ended.why !== undefined)
        states.set(place, { kind: "not-tested", why: ended.why });
  }
  return { cells: places.map((place) => cellOf(place, states.get(place)!)), faults };
}

/** A kernel that is given up leaves its other cells untested, with the cause. */
async function tryKernel(
  plan: TrialsPlan,
  at: { kernel: string; open: readonly CellPlace[]; states: Map<CellPlace, TrialState> },
): Promise<{ faults: number; why: string | undefined }> {
  let faults = 0;
  try {
    const why = await plan.onKernel(at.kernel, async () => {
      faults += await testAll(plan, at.open, at.states);
    });
    return { faults, why };
  } catch (error) {
    if (!(error instanceof Fault) || error.blame !== "harness") throw error;
    plan.onFault({ kernel: at.kernel }, error);
    return { faults: faults + 1, why: messageOf(error) };
  }
}

async function knownState(plan: TrialsPlan, place: CellPlace): Promise<TrialState> {
  const known = await plan.records.read(plan.nameOf(place));
  if (known !== undefined) return { kind: "tested", ...known };
  const wants = plan.wants(place);
  return { kind: "not-tested", why: wants.kind === "no" ? wants.why : undefined };
}

function isOpen(plan: TrialsPlan, place: CellPlace, state: TrialState | undefined): boolean {
  return state?.kind === "not-tested" && plan.wants(place).kind === "yes";
}

/** Gives how many cells ended with a fault. */
async function testAll(
  plan: TrialsPlan,
  places: readonly CellPlace[],
  states: Map<CellPlace, TrialState>,
): Promise<number> {
  let [faults, inARow] = [0, 0];
  for (const place of places)
    try {
      const record = await plan.test(place);
      await plan.records.write(plan.nameOf(place), record);
      states.set(place, { kind: "tested", ...record });
      plan.onTested(cellOf(place, states.get(place)!));
      inARow = 0;
    } catch (error) {
      if (!(error instanceof Fault) || error.blame !== "harness") throw error;
      faults += 1;
      inARow += 1;
      if (inARow >= mostFaults) throw error;
      states.set(place, { kind: "not-tested", why: messageOf(error) });
      plan.onFault(place, error);
    }
  return faults;
}

function cellOf({ release, kernel, choice }: CellPlace, state: TrialState): TrialCell {
  return { release, kernel, settings: choice.label, state };
}
