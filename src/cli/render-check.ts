import type { CheckReport } from "./run-split-check.js";

/** What the check found, in a few lines. */
export function renderCheck(report: CheckReport): string {
  const { causes, leftOut, partners, brought, trials, patch } = report;
  const [culprit, ...more] = causes;
  const words = report.isFix ? ofFix : ofCulprit;
  return [
    `${words.name}: ${nameOf(culprit!)}`,
    `the ${words.newer} release without it${more.length > 0 ? ` is still ${words.newer}: further ${words.more}` : ` is ${words.older}`}`,
    ...more.map((cause) => `  ${nameOf(cause)}`),
    ...list("left out with it, since they need it to build:", leftOut),
    aloneText(report, words),
    ...partners.map((partner) => `  ${nameOf(partner)}`),
    ...list("brought along, since it needs them to build:", brought),
    `${trials.length} trials; the patch that makes the bad release good: ${patch}`,
    "",
  ].join("\n");
}

const ofCulprit = {
  name: "culprit",
  older: "good",
  newer: "bad",
  more: "causes",
  alone: "it is the cause",
  failing: "fail",
};
const ofFix: typeof ofCulprit = {
  name: "fix",
  older: "bad",
  newer: "good",
  more: "fixes",
  alone: "it is the fix",
  failing: "pass",
};

function aloneText({ isAlone, partners }: CheckReport, words: typeof ofCulprit): string {
  const { older, newer, alone, failing } = words;
  if (isAlone) return `the ${older} release with it is ${newer}: ${alone}`;
  if (partners.length > 0)
    return `the ${older} release with it is ${older}; it is ${newer} only together with`;
  return `the ${older} release with it could not be made to ${failing}`;
}

function list(title: string, commits: readonly { commit: string; subject: string }[]): string[] {
  return commits.length === 0 ? [] : [title, ...commits.map((commit) => `  ${nameOf(commit)}`)];
}

function nameOf({ commit, subject }: { commit: string; subject: string }): string {
  return `${commit.slice(0, 10)} ${subject}`;
}
