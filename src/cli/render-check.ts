import type { CheckReport } from "./run-split-check.js";

/** What the check found, in a few lines. */
export function renderCheck(report: CheckReport): string {
  const { causes, leftOut, partners, brought, isBadAlone, trials, patch } = report;
  const [culprit, ...more] = causes;
  return [
    `culprit: ${nameOf(culprit!)}`,
    `the bad release without it${more.length > 0 ? " is still bad: further causes" : " is good"}`,
    ...more.map((cause) => `  ${nameOf(cause)}`),
    ...list("left out with it, since they need it to build:", leftOut),
    aloneText(isBadAlone, partners.length),
    ...partners.map((partner) => `  ${nameOf(partner)}`),
    ...list("brought along, since it needs them to build:", brought),
    `${trials.length} trials; the patch that makes the bad release good: ${patch}`,
    "",
  ].join("\n");
}

function aloneText(isBadAlone: boolean, partners: number): string {
  if (isBadAlone) return "the good release with it is bad: it is the cause";
  if (partners > 0) return "the good release with it is good; it is bad only together with";
  return "the good release with it could not be made to fail";
}

function list(title: string, commits: readonly { commit: string; subject: string }[]): string[] {
  return commits.length === 0 ? [] : [title, ...commits.map((commit) => `  ${nameOf(commit)}`)];
}

function nameOf({ commit, subject }: { commit: string; subject: string }): string {
  return `${commit.slice(0, 10)} ${subject}`;
}
