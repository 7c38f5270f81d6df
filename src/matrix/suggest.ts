// What would mend a failure: a fixup that the catalogs have for other releases, or an edit that follows from what the
// headers of two kernels say. Each edit is tried on one release; when another error comes next, it is asked about too.
import { compareReleases } from "../build/kernel-packages.js";
import type { Fixup } from "../catalog/catalog-shape.js";
import { compareVersions } from "../catalog/version.js";
import {
  buildCell,
  keptBuild,
  knownBuild,
  type BuildTools,
  type CellBuild,
  type MatrixRelease,
} from "./build-cell.js";
import type { BuildRecord } from "./build-record.js";
import { fixupOfChange, widened } from "./catalog-fixup.js";
import { catalogFixupsAbout, headersAbout, questionOf } from "./find-cause.js";
import { inLanes } from "./in-lanes.js";
import { errorOf, type Failure, type Suggestion } from "./matrix.js";
import type { MatrixKernel } from "./matrix-kernels.js";
import { cellBuild } from "./run-builds.js";

export interface SuggestPlan {
  tools: BuildTools;
  releases: readonly MatrixRelease[];
  kernels: readonly MatrixKernel[];
  /** Kernels to compare with, whose headers are at hand; the table's own among them. */
  compared: readonly MatrixKernel[];
  /** Of every catalog that is known. */
  fixups: readonly Fixup[];
  /** Whether the edits are built with. */
  tries: boolean;
  lanes: number;
  signal: AbortSignal;
  onSuggested: (failure: Failure) => void;
}

type FailedBuild = Extract<BuildRecord, { kind: "failed" }>;

/** Edits in a row: each may only uncover the next thing that the kernel changed. */
const mostEdits = 8;

/** The failures, each with what would mend it, in the order of the edits. */
export async function suggestAll(plan: SuggestPlan, failures: readonly Failure[]): Promise<Failure[]> {
  const found = new Map<number, Suggestion[]>();
  await inLanes(failures, { lanes: plan.lanes, signal: plan.signal }, async (failure, signal) => {
    found.set(failure.number, await suggestFor({ ...plan, signal }, failure));
    plan.onSuggested({ ...failure, suggestions: found.get(failure.number)! });
  });
  return failures.map((failure) => ({ ...failure, suggestions: found.get(failure.number) ?? [] }));
}

async function suggestFor(plan: SuggestPlan, failure: Failure): Promise<Suggestion[]> {
  const example = exampleOf(plan, failure);
  const suggestions: Suggestion[] = [];
  let build = example.build;
  let failed = await knownFailure(plan, build);
  while (failed !== undefined && suggestions.length < mostEdits) {
    const next = await suggestNext(plan, { failure, build, kernel: example.kernel, failed });
    suggestions.push(...next.suggestions);
    if (next.mended === undefined) break;
    build = next.mended.build;
    failed = next.mended.failed;
  }
  return suggestions;
}

/** The newest release that fails so, on the oldest kernel where it does: the change is nearest there. */
function exampleOf(plan: SuggestPlan, { cells }: Failure): { build: CellBuild; kernel: MatrixKernel } {
  const newest = [...cells].sort(
    (a, b) => compareVersions(b.release, a.release) || compareReleases(a.kernel, b.kernel),
  )[0]!;
  const release = plan.releases.find(({ version }) => version === newest.release)!;
  const kernel = plan.kernels.find((each) => each.release === newest.kernel)!;
  return { build: cellBuild(plan, release, kernel), kernel };
}

async function knownFailure({ tools }: SuggestPlan, build: CellBuild): Promise<FailedBuild | undefined> {
  const record = await knownBuild(tools, build);
  return record?.kind === "failed" ? record : undefined;
}

interface Step {
  failure: Failure;
  build: CellBuild;
  kernel: MatrixKernel;
  failed: FailedBuild;
}

interface Next {
  suggestions: Suggestion[];
  /** The build with the first edit that helped, and how it failed next; no failure: it builds. */
  mended: { build: CellBuild; failed: FailedBuild | undefined } | undefined;
}

async function suggestNext(plan: SuggestPlan, step: Step): Promise<Next> {
  const ideas = await ideasFor(plan, step);
  const told: Suggestion[] = [];
  for (const idea of ideas) {
    if (!plan.tries || idea.fixup === undefined) {
      told.push(idea);
      continue;
    }
    const build = { ...step.build, fixups: [...step.build.fixups, idea.fixup] };
    const record = (await keptBuild(plan.tools, build)) ?? (await buildCell(plan.tools, build, plan.signal));
    const tried = triedWith(record, step);
    if (tried.outcome === "same-error") continue;
    const mended = { build, failed: record.kind === "failed" ? record : undefined };
    return { suggestions: [{ ...idea, tried }], mended };
  }
  return { suggestions: told, mended: undefined };
}

function triedWith(record: BuildRecord, { build, failed }: Step): NonNullable<Suggestion["tried"]> {
  const at = { release: build.release.version, kernel: build.headers.release };
  if (record.kind === "built") return { ...at, outcome: "builds" };
  const error = errorOf(record);
  return { ...at, outcome: error === errorOf(failed) ? "same-error" : "another-error", error };
}

async function ideasFor(plan: SuggestPlan, { failure, build, kernel, failed }: Step): Promise<Suggestion[]> {
  const question = questionOf(failed);
  if (question === undefined) return [];
  const known = catalogFixupsAbout(question, plan.fixups, build.fixups).map((fixup): Suggestion => ({
    by: "catalog",
    text: `a fixup for releases ${fixup.releases} on kernels ${fixup.kernels} is about ${question.name}`,
    fixup: widened(fixup, failure),
    tried: undefined,
  }));
  const change = await headersAbout(question, { kernel, compared: plan.compared, signal: plan.signal });
  if (change === undefined) return known;
  const fixup = fixupOfChange(change, failure);
  return [...known, { by: "headers", text: change.text, fixup, tried: undefined }];
}
