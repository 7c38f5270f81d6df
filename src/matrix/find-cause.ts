// The cause of a failed build, looked for in the catalogs' fixups and in the headers of the kernels at hand.
import { buildQuestion, type BuildQuestion } from "../build/build-question.js";
import { findDeclarations, findHeader, functionsOf } from "../build/header-declarations.js";
import { explainChange, explainHeader, type HeaderChange, type HeaderView } from "../build/header-change.js";
import { compareReleases } from "../build/kernel-packages.js";
import type { Fixup } from "../catalog/catalog-shape.js";
import type { BuildRecord } from "./build-record.js";
import type { MatrixKernel } from "./matrix-kernels.js";

type FailedBuild = Extract<BuildRecord, { kind: "failed" }>;

/** What its first error asks of the headers; undefined when it is about something else. */
export function questionOf({ errors, sourceLine }: FailedBuild): BuildQuestion | undefined {
  const first = errors[0];
  return first === undefined ? undefined : buildQuestion(first.message, sourceLine);
}

/** Fixups whose text names what the error is about; those that were applied are left out, and each is told once. */
export function catalogFixupsAbout(
  { name }: BuildQuestion,
  fixups: readonly Fixup[],
  applied: readonly Fixup[],
): Fixup[] {
  const word = new RegExp(`(?<![A-Za-z0-9_])${name.replace(/[.\\/]/g, "\\$&")}(?![A-Za-z0-9_])`);
  const editOf = (fixup: Fixup): string =>
    fixup.kind === "sed"
      ? fixup.expression.replace(/\\b/g, " ")
      : fixup.kind === "patch"
        ? fixup.patch
        : fixup.header;
  const used = new Set(applied.map(editOf));
  const about = fixups.filter((fixup) => word.test(editOf(fixup)) && !used.has(editOf(fixup)));
  return about.filter((fixup, at) => about.findIndex((other) => editOf(other) === editOf(fixup)) === at);
}

interface Comparison {
  /** The one that the build failed for. */
  kernel: MatrixKernel;
  compared: readonly MatrixKernel[];
  signal: AbortSignal;
}

/** What changed between the nearest kernel whose headers differ and this one. */
export async function headersAbout(
  question: BuildQuestion,
  at: Comparison,
): Promise<HeaderChange | undefined> {
  const { kernel, signal } = at;
  if (question.kind === "header")
    return explainHeader(question.name, await findHeader(kernel.headers, question.name), kernel.release);
  const topic = question.kind === "member" ? question.owner : question.name;
  const now = await findDeclarations(kernel.headers, topic, signal);
  const told = JSON.stringify(now);
  for (const other of byNearness(at)) {
    const before = await findDeclarations(other.headers, topic, signal);
    if (JSON.stringify(before) === told) continue;
    const files = [
      ...new Set([...before, ...now].filter(({ name }) => name === topic).map(({ file }) => file)),
    ];
    const view = async (of: MatrixKernel, declarations: HeaderView["declarations"]): Promise<HeaderView> => ({
      kernel: of.release,
      declarations,
      neighbours: await functionsOf(of.headers, files),
    });
    const change = explainChange(question, await view(other, before), await view(kernel, now));
    if (change !== undefined) return change;
  }
  return explainChange(question, undefined, { kernel: kernel.release, declarations: now, neighbours: [] });
}

/** Older kernels first, the nearest one before the others; then newer ones. */
function byNearness({ kernel, compared }: Comparison): MatrixKernel[] {
  const older = compared.filter(({ release }) => compareReleases(release, kernel.release) < 0);
  const newer = compared.filter(({ release }) => compareReleases(release, kernel.release) > 0);
  const ascending = (a: MatrixKernel, b: MatrixKernel): number => compareReleases(a.release, b.release);
  return [...older.sort(ascending).reverse(), ...newer.sort(ascending)];
}
