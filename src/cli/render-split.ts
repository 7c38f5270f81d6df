import type { SplitResult } from "../split/split-repository.js";
import type { VerifyRequest } from "../split/verify/verify-repository.js";

/** The split in a few lines: how many commits, how large, what was built, and how to go on. */
export function renderSplit(result: SplitResult): string {
  const { lines, built, verified } = result;
  const next = `git bisect start ${result.branch} ${result.old} && git bisect run tarbisect step`;
  return [
    `${result.branch}: ${result.commits.length} commits, ${lines.total} lines`,
    `lines per commit: median ${lines.median}, 90th percentile ${lines.p90}, largest ${lines.largest}`,
    built,
    ...(verified ? buildLines(verified) : []),
    `next: ${next}`,
    "",
  ].join("\n");
}

function buildLines(verified: NonNullable<SplitResult["verified"]>): string[] {
  const { builds, failures, elapsedSeconds, cpuSeconds, silent, compared, kept } = verified;
  const time = `${elapsedSeconds.toFixed(0)} s, ${cpuSeconds.toFixed(0)} s of CPU time`;
  return [
    `${builds} builds, ${failures} that failed and were mended by another order, ${time}`,
    ...(compared === 0
      ? []
      : [`${compared} trees were also built from nothing by the vendor's make: the same modules`]),
    ...(kept === 0 ? [] : [`${kept} modules are in the cache, where tarbisect step looks first`]),
    ...(silent === undefined ? [] : [`comments and documents: ${silentText[silent]}`]),
  ];
}

const silentText = {
  "same-code": "the same object code as before them, proven",
  "same-but-line-numbers": "the same object code as before them but for line numbers, proven",
  differs: "the object code is NOT what it was before them",
} as const;

/** A line of progress at most each two seconds. */
export function progressLine(note: (text: string) => void): VerifyRequest["onProgress"] {
  let last = 0;
  return ({ verified, total, builds, failed, secondsLeft }) => {
    if (performance.now() - last < 2000) return;
    last = performance.now();
    const left = secondsLeft === undefined ? "" : `, ${Math.ceil(secondsLeft / 60)} min left`;
    note(`${verified} of ${total} commits build (${builds} builds, ${failed} failed)${left}\n`);
  };
}
