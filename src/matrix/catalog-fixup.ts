// An edit that mends a failure, in the form in which a catalog keeps it (pure).
import type { HeaderChange } from "../build/header-change.js";
import { compareReleases } from "../build/kernel-packages.js";
import type { Fixup } from "../catalog/catalog-shape.js";
import { inRange } from "../catalog/range.js";
import { compareVersions } from "../catalog/version.js";
import type { Failure } from "./matrix.js";

/** The change's edit in every C file of the driver; undefined when it has none. */
export function fixupOfChange({ text, expression }: HeaderChange, failure: Failure): Fixup | undefined {
  if (expression === undefined) return undefined;
  return { kind: "sed", ...rangesOf(failure), reason: text, files: ["*.c", "*.h"], expression };
}

/** A catalog's fixup for the releases of a failure, and for its kernels where the fixup is not for all of these already. */
export function widened(fixup: Fixup, failure: Failure): Fixup {
  const { releases, kernels } = rangesOf(failure);
  const isForThem = failure.cells.every(({ kernel }) => inRange(kernel, fixup.kernels));
  return { ...fixup, releases, kernels: isForThem ? fixup.kernels : kernels };
}

/** From the oldest to the newest release that fails so, and from the oldest kernel's series on. */
function rangesOf({ cells }: Failure): { releases: string; kernels: string } {
  const releases = [...new Set(cells.map(({ release }) => release))].sort(compareVersions);
  const oldest = cells.map(({ kernel }) => kernel).sort(compareReleases)[0] ?? "";
  const series = /^\d+\.\d+/.exec(oldest)?.[0] ?? oldest;
  const [first, last] = [releases[0] ?? "", releases.at(-1) ?? ""];
  return { releases: first === last ? first : `>=${first} <=${last}`, kernels: `>=${series}` };
}
