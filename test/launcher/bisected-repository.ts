// A real repository with a bisect under way, for tests that must leave it stopped with its state.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const identity = {
  GIT_AUTHOR_NAME: "A Vendor",
  GIT_AUTHOR_EMAIL: "vendor@example.org",
  GIT_COMMITTER_NAME: "A Vendor",
  GIT_COMMITTER_EMAIL: "vendor@example.org",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
};

export interface BisectRun {
  status: number | null;
  output: string;
}

/** A folder `repo` with one tagged release v1.N per content of `files`, oldest first. */
export function releaseRepository(contents: readonly Record<string, string>[]): string {
  const repository = join(mkdtempSync(join(tmpdir(), "tarbisect-launcher-")), "repo");
  execFileSync("git", ["init", "-q", "-b", "releases", repository]);
  contents.forEach((files, index) => {
    const when = `2020-01-${String(index + 1).padStart(2, "0")}T00:00:00Z`;
    const env = { ...process.env, ...identity, GIT_AUTHOR_DATE: when, GIT_COMMITTER_DATE: when };
    const git = (...args: string[]): unknown => execFileSync("git", ["-C", repository, ...args], { env });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(repository, name), text);
    git("add", ".");
    git("commit", "-q", "-m", `Release 1.${index}`);
    git("tag", "-a", "-m", `1.${index}`, `v1.${index}`);
  });
  return repository;
}

/** The same, with a bisect from first to last. */
export function startBisect(contents: readonly Record<string, string>[]): string {
  const repository = releaseRepository(contents);
  execFileSync("git", ["-C", repository, "bisect", "start", `v1.${contents.length - 1}`, "v1.0"], {
    stdio: "ignore",
  });
  return repository;
}

/** Eight releases that differ in one line. */
export const eightReleases = Array.from({ length: 8 }, (_, index) => ({ "driver.c": `int x = ${index};\n` }));

/** `git bisect run COMMAND`; `meanwhile` is called once the file `mark` in the parent folder holds the step's pid. */
export async function bisectRun(
  repository: string,
  command: readonly string[],
  options: { env?: NodeJS.ProcessEnv; meanwhile?: (pid: number) => unknown } = {},
): Promise<BisectRun> {
  const child = spawn("git", ["-C", repository, "bisect", "run", ...command], {
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const early = ended.then((code): never => {
    throw new Error(`git bisect run ended early with ${code}:\n${output}`);
  });
  early.catch(() => undefined);
  if (options.meanwhile)
    await Promise.race([pidIn(join(repository, "..", "mark")).then(options.meanwhile), early]);
  return { status: await ended, output };
}

/** What the bisect says about itself: under way or not, and the lines of its log. */
export function bisectState(repository: string): { underWay: boolean; log: string } {
  return {
    underWay: existsSync(join(repository, ".git/BISECT_START")),
    log: execFileSync("git", ["-C", repository, "bisect", "log"], { encoding: "utf8" }),
  };
}

async function pidIn(file: string): Promise<number> {
  for (let waitedMs = 0; waitedMs < 60_000; waitedMs += 50) {
    if (existsSync(file) && readFileSync(file, "utf8").endsWith("\n"))
      return Number(readFileSync(file, "utf8"));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no pid came to ${file}`);
}
