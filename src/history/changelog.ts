// What a vendor writes about a release: the lines below the heading that names its version.
const MOST_LINES = 80;

/** Files at the top of a release that may hold a changelog, likeliest first. */
export const changelogNames: readonly string[] = [
  "CHANGELOG",
  "CHANGELOG.md",
  "ChangeLog",
  "Changelog",
  "CHANGES",
  "README",
  "README.md",
];

/** The lines below the heading of `version`, up to the next version's heading; empty when there is none. */
export function changelogLines(text: string, version: string): string[] {
  if (!text.includes(version)) return []; // a README of thousands of lines mostly says nothing of it
  const lines = text.split(/\r?\n/);
  const start = lines.findIndex((line) => versionOfHeading(line) === version);
  if (start < 0) return [];
  const after = lines.slice(start + 1);
  const end = after.findIndex(
    (line) => versionOfHeading(line) !== undefined || /^#|^[A-Z][A-Za-z ]+\n?$/.test(line),
  );
  const own = after.slice(0, end < 0 ? undefined : end).slice(0, MOST_LINES);
  return own
    .map((line) => printable(line.trimEnd()))
    .filter((line) => !/^[-=~*]+$/.test(line))
    .join("\n")
    .trim()
    .split("\n")
    .filter((line, at, all) => all.length > 1 || line !== "" || at > 0);
}

/** "## 2.13.10 (2020-11-02)", "Version 2.13.10:", "2.13.10": the version of a line that says little else. */
function versionOfHeading(line: string): string | undefined {
  return /^\W*(?:(?:version|release|v)\W*)?(\d+(?:\.\d+)+\w?)\W*(?:[(-]?\s*\d{4}-\d\d-\d\d\W*)?$/i.exec(
    line,
  )?.[1];
}

/** Without control characters: the text ends in a commit message and on a terminal. */
function printable(line: string): string {
  return line.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "").replace(/\t/g, "    ");
}
