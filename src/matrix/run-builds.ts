// Every cell of the table built once, several at a time; what an earlier run built is taken from its records.
import { fixupsFor } from "../build/fixups.js";
import {
  buildCell,
  keptBuild,
  knownBuild,
  type BuildTools,
  type CellBuild,
  type MatrixRelease,
} from "./build-cell.js";
import type { BuildRecord } from "./build-record.js";
import { inLanes } from "./in-lanes.js";
import type { MatrixCell } from "./matrix.js";
import type { MatrixKernel } from "./matrix-kernels.js";

export interface BuildsPlan {
  tools: BuildTools;
  releases: readonly MatrixRelease[];
  kernels: readonly MatrixKernel[];
  /** How many builds run at once. */
  lanes: number;
  /** Build once more without the fixups where they changed something, to tell which cells they won. */
  proveFixups: boolean;
  /** Build nothing, tell what is known. */
  onlyKnown: boolean;
  signal: AbortSignal;
  onStart: (cell: CellName) => void;
  onBuilt: (progress: BuildProgress) => void;
}

export interface CellName {
  release: string;
  kernel: string;
}

export interface BuildProgress extends CellName {
  record: BuildRecord;
  /** Without the catalog's fixups, to compare. */
  plain: boolean;
  done: number;
  total: number;
}

/** Cells by release, then kernel. Faults of this machine pass through; what was built until then is kept. */
export async function runBuilds(plan: BuildsPlan): Promise<MatrixCell[]> {
  const builds = plan.releases.flatMap((release) =>
    plan.kernels.map((kernel) => cellBuild(plan, release, kernel)),
  );
  const fixed = await buildMissing(plan, { builds, plain: false });
  const isFixed = (build: CellBuild): boolean => {
    const record = fixed.get(build);
    return record?.kind === "built" && record.fixups.length > 0;
  };
  const withFixups = builds.filter(isFixed);
  const plain = await buildMissing(
    { ...plan, onlyKnown: plan.onlyKnown || !plan.proveFixups },
    { builds: withFixups, plain: true },
  );
  return builds.map((build) => ({
    release: build.release.version,
    kernel: build.headers.release,
    build: fixed.get(build) ?? { kind: "not-built" },
    withoutFixups: plain.get(build)?.kind,
  }));
}

export function cellBuild(
  { tools }: { tools: BuildTools },
  release: MatrixRelease,
  kernel: MatrixKernel,
): CellBuild {
  const { headers, headersIdentity } = kernel;
  return {
    release,
    headers,
    headersIdentity,
    fixups: fixupsFor(tools.catalog, release.version, headers.release),
  };
}

async function buildMissing(
  plan: BuildsPlan,
  { builds, plain }: { builds: readonly CellBuild[]; plain: boolean },
): Promise<Map<CellBuild, BuildRecord>> {
  const { lanes, signal, tools } = plan;
  const asBuilt = (build: CellBuild): CellBuild => (plain ? { ...build, fixups: [] } : build);
  const records = new Map<CellBuild, BuildRecord>();
  for (const build of builds) {
    const known = await (plan.onlyKnown ? knownBuild : keptBuild)(tools, asBuilt(build));
    if (known !== undefined) records.set(build, known);
  }
  const missing = plan.onlyKnown ? [] : builds.filter((build) => !records.has(build));
  let done = 0;
  await inLanes(missing, { lanes, signal }, async (build, stop) => {
    const name = { release: build.release.version, kernel: build.headers.release };
    plan.onStart(name);
    const record = await buildCell(tools, asBuilt(build), stop);
    records.set(build, record);
    done += 1;
    plan.onBuilt({ ...name, record, plain, done, total: missing.length });
  });
  return records;
}
