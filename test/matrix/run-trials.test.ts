// The order of a table's trials, what stops it, and what a second run finds of the first: on records in a real folder.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Fault, harnessFault } from "../../src/fault/fault.js";
import { runTrials, type CellPlace, type TrialsPlan } from "../../src/matrix/run-trials.js";
import { settingsChoices } from "../../src/matrix/settings-choices.js";
import { trialRecords } from "../../src/matrix/trial-record.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tarbisect-trials-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Seen {
  booted: string[];
  tested: string[];
  faults: string[];
}

function nameOf({ release, kernel, choice }: CellPlace): string {
  return [release, kernel, choice.label].join(" ");
}

/** `fault` gives what happens instead of a good verdict, by cell or kernel. */
function plan(seen: Seen, fault: (name: string) => Fault | undefined): TrialsPlan {
  return {
    kernels: ["5.10", "6.1"],
    choices: settingsChoices(["ntuple=on,off"]),
    releases: ["in-tree", "2.12.6", "2.13.10"],
    records: trialRecords(folder),
    nameOf: ({ release, kernel, choice }) => ({ release, kernel, settings: choice.label, decidedBy: "tree" }),
    wants: ({ release }) =>
      release === "2.13.10" ? { kind: "no", why: "it does not build" } : { kind: "yes" },
    onKernel: async (kernel, use) => {
      seen.booted.push(kernel);
      const broken = fault(kernel);
      if (broken !== undefined) throw broken;
      await use();
      return undefined;
    },
    test: (place) => {
      seen.tested.push(nameOf(place));
      const broken = fault(nameOf(place));
      if (broken !== undefined) throw broken;
      return Promise.resolve({ verdict: { kind: "good" }, evidence: nameOf(place), refused: [] });
    },
    onTested: () => undefined,
    onFault: ({ release, kernel }) => seen.faults.push([release ?? "", kernel].join(" ").trim()),
  };
}

function nothing(): Seen {
  return { booted: [], tested: [], faults: [] };
}

describe("the trials of a table", () => {
  it("boot each kernel once, and are not run again", async () => {
    const seen = nothing();
    const { cells, faults } = await runTrials(plan(seen, () => undefined));
    expect(seen.booted).toEqual(["5.10", "6.1"]);
    expect(seen.tested.slice(0, 4)).toEqual([
      "in-tree 5.10 ntuple=on",
      "in-tree 5.10 ntuple=off",
      "2.12.6 5.10 ntuple=on",
      "2.12.6 5.10 ntuple=off",
    ]);
    expect(faults).toBe(0);
    expect(cells.map(({ state }) => state.kind)).toEqual([
      ...["tested", "tested", "tested", "tested", "not-tested", "not-tested"],
      ...["tested", "tested", "tested", "tested", "not-tested", "not-tested"],
    ]);
    expect(cells[4]?.state).toEqual({ kind: "not-tested", why: "it does not build" });
    const again = nothing();
    expect((await runTrials(plan(again, () => undefined))).cells).toEqual(cells);
    expect(again).toEqual(nothing());
  });

  it("leave a cell untested after a fault of ours, with its cause, and a second run tries it alone", async () => {
    const seen = nothing();
    const broken = (name: string): Fault | undefined =>
      name === "2.12.6 5.10 ntuple=on" ? harnessFault("the peer does not answer") : undefined;
    const { cells, faults } = await runTrials(plan(seen, broken));
    expect(faults).toBe(1);
    expect(seen.faults).toEqual(["2.12.6 5.10"]);
    expect(cells[2]?.state).toEqual({ kind: "not-tested", why: "the peer does not answer" });
    expect(cells[3]?.state.kind).toBe("tested");
    const again = nothing();
    await runTrials(plan(again, () => undefined));
    expect(again).toEqual({ booted: ["5.10"], tested: ["2.12.6 5.10 ntuple=on"], faults: [] });
  });

  it("go on with the next kernel when one does not boot, or fails twice in a row", async () => {
    for (const isBroken of [(name: string) => name === "5.10", (name: string) => name.includes(" 5.10 ")]) {
      const seen = nothing();
      const { cells } = await runTrials(
        plan(seen, (name) => (isBroken(name) ? harnessFault("no lab") : undefined)),
      );
      expect(cells.slice(0, 4).map(({ state }) => state)).toEqual(
        Array.from({ length: 4 }, () => ({ kind: "not-tested", why: "no lab" })),
      );
      expect(cells.slice(6, 10).every(({ state }) => state.kind === "tested")).toBe(true);
      expect(seen.tested.filter((name) => name.includes(" 5.10 ")).length).toBeLessThanOrEqual(2);
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it.each(["target-lost", "interrupted", "usage"] as const)(
    "stop at once at a fault that is %s",
    async (blame) => {
      const seen = nothing();
      const run = runTrials(
        plan(seen, (name) => (name.startsWith("in-tree") ? new Fault(blame, "no") : undefined)),
      );
      await expect(run).rejects.toMatchObject({ blame });
      expect(seen.tested).toEqual(["in-tree 5.10 ntuple=on"]);
    },
  );
});
