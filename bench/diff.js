// `tarbisect diff` against what else tells changed functions: universal-ctags over both trees, git's own function context
// (diff -W) and diffoscope. --repository DIR --old REV --new REV, or a history made at run time.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { performance } from "node:perf_hooks";

const launcher = new URL("../bin/tarbisect.js", import.meta.url).pathname;
const rounds = 3;

/**
 * The best of three runs of each program on the same two trees, in turn.
 * @param {{ repository?: string, old?: string, new?: string }} options
 * @returns {string[]} lines to print
 */
export function benchDiff({ repository, old = "v1.0", new: current = "v1.1" }) {
  const work = mkdtempSync(join(tmpdir(), "tarbisect-bench-"));
  try {
    const folder = repository === undefined ? makeHistory(join(work, "history")) : resolve(repository);
    const trees = [old, current].map((revision, at) => unpack(folder, revision, join(work, `tree${at}`)));
    const runs = {
      cold: () => diff(folder, [old, current], freshCache(work)),
      warm: () => diff(folder, [old, current], join(work, "warm")),
      node: () => elapsedMs(process.execPath, ["-e", "0"], folder),
      ctags: () =>
        elapsedMs("ctags", ["-R", "-o", join(work, "tags"), "--fields=+ne", "--kinds-C=f", ...trees], work),
      "git diff -W": () => elapsedMs("git", ["diff", "-W", old, current], folder),
      diffoscope: () => elapsedMs("diffoscope", ["--text", join(work, "out"), ...trees], work),
    };
    diff(folder, [old, current], join(work, "warm"));
    const best = {};
    for (let round = 0; round < rounds; round++)
      for (const [name, run] of Object.entries(runs)) best[name] = Math.min(best[name] ?? Infinity, run());
    return Object.entries(best).map(([name, ms]) =>
      Number.isFinite(ms)
        ? `${name}: ${ms.toFixed(0)} ms, cold diff ${(best.cold / ms).toFixed(2)}, warm diff ${(best.warm / ms).toFixed(2)} of it`
        : `${name}: not installed`,
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function diff(folder, revisions, cache) {
  return elapsedMs(launcher, ["diff", ...revisions], folder, { TARBISECT_CACHE: cache });
}

function freshCache(work) {
  rmSync(join(work, "cold"), { recursive: true, force: true });
  return join(work, "cold");
}

/** Infinity when the program is missing; diff and diffoscope end with 1 when there are differences. */
function elapsedMs(program, args, cwd, env = {}) {
  const started = performance.now();
  const { error, status, stderr } = spawnSync(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 1 << 28,
  });
  if (error?.code === "ENOENT") return Infinity;
  if (error !== undefined || status === null || status > 1) throw new Error(`${program}: ${error ?? stderr}`);
  return performance.now() - started;
}

function unpack(repository, revision, folder) {
  mkdirSync(folder);
  const archive = execFileSync("git", ["archive", revision], { cwd: repository, maxBuffer: 1 << 30 });
  execFileSync("tar", ["-x", "-C", folder], { input: archive });
  return folder;
}

/** 24 files of 150 functions; a function in twenty changes. */
function makeHistory(folder) {
  mkdirSync(join(folder, "src"), { recursive: true });
  const git = (...args) =>
    execFileSync("git", ["-c", "user.name=bench", "-c", "user.email=bench@example.org", ...args], {
      cwd: folder,
    });
  git("init", "-q");
  for (const release of [0, 1]) {
    for (let file = 0; file < 24; file++)
      writeFileSync(join(folder, "src", `part${file}.c`), partOf(file, release));
    git("add", ".");
    git("commit", "-qm", `release ${release}`);
    git("tag", `v1.${release}`);
  }
  return folder;
}

function partOf(file, release) {
  let text = '#include "nic.h"\n\n';
  for (let at = 0; at < 150; at++) {
    const name = `nic_${file}_${at}`;
    const step = release === 1 && at % 20 === 3 ? "2 * i" : "i";
    text += `/**\n * ${name} - one of many\n **/\nstatic int ${name}(struct nic *nic, int count)\n{\n\tint i, sum = 0;\n\n`;
    for (let line = 0; line < 12; line++)
      text += `\tfor (i = ${line}; i < count; i++)\n\t\tsum += nic->ring[${line}].next[i] * ${step};\n`;
    text += "\treturn sum;\n}\n\n";
  }
  return text;
}
