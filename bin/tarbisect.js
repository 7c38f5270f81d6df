#!/bin/sh
":" //; unset NODE_OPTIONS; case "$1:$*" in *://*) ;; diff:* | log:* | show:* | functions:* | import:*" --from "*) unset NODE_EXTRA_CA_CERTS ;; esac
":" //; case "$(node --version 2>/dev/null)" in v[2-9][0-9].* | v[1-9][0-9][0-9].*) exec node "$0" "$@" ;; esac; echo "tarbisect: no Node.js 20 or newer on PATH (hint: install one; node --version tells which is found)" >&2; exit 128

// Fails closed. `git bisect run` reads 1-124, 126 and 127 as bad, and Node ends with 1 on nearly every accident;
// so the process starts from 255 and only a finished command chooses another code. Sh starts it (the lines above)
// because a hook in NODE_OPTIONS, a Node too old for this syntax or none at all would end in 1, 9 or 127 before this
// file is run. Node reads every certificate of NODE_EXTRA_CA_CERTS at its start, half of that start with a system's
// whole bundle; who asks no server needs none.
// CommonJS, as the build: Node's loader of ES modules is not even started.

const { existsSync } = require("node:fs");
const { join } = require("node:path");

const FATAL = 128;
const INTERRUPTED = 130;
const OUR_BUG = 255;

process.exitCode = OUR_BUG;

/** @param {unknown} error */
function giveUp(error) {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  try {
    process.stderr.write(`tarbisect: internal error: ${text}\n`);
  } catch {
    // stderr is gone too: the exit code says it
  }
  process.exit(OUR_BUG);
}

process.on("uncaughtException", giveUp);
process.on("unhandledRejection", giveUp);
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error) => (error.code === "EPIPE" ? process.exit(FATAL) : giveUp(error)));

const abort = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
  process.on(signal, () => {
    if (abort.signal.aborted) process.exit(INTERRUPTED);
    abort.abort();
    setTimeout(() => process.exit(INTERRUPTED), 5000).unref();
  });

process.once("beforeExit", () => {
  if (process.exitCode === OUR_BUG)
    process.stderr.write("tarbisect: internal error: the command ended without a result\n");
});

/** Only what the contract of `git bisect run` knows: never 126 or 127, and never 256, which the system makes 0. */
function isExitCode(code) {
  return code === 0 || code === 1 || code === 125 || (Number.isInteger(code) && code >= 128 && code <= 255);
}

/** Flushed first: process.exit would cut what a pipe has not taken yet. */
function end(code) {
  if (!isExitCode(code)) throw new Error(`the command ended with ${code}, which is no exit code of tarbisect`);
  process.stdout.write("", (lostOut) =>
    process.stderr.write("", (lostErr) => process.exit(lostOut || lostErr ? FATAL : code)),
  );
}

/** @param {{ message: string, code?: string }} error */
function cannotLoad(error) {
  if (error?.code !== "MODULE_NOT_FOUND") throw error;
  const [what] = error.message.split("\n");
  process.stderr.write(`tarbisect: the build is missing: ${what} (hint: npm ci && npm run build)\n`);
  process.exit(FATAL);
}

/** A command has a file of its own beside the one that holds them all, which takes longer to load. */
function load(command) {
  const own = join(__dirname, "../dist/commands", `${command}.cjs`);
  return require(/^\w+$/.test(command) && existsSync(own) ? own : "../dist/cli/main.cjs");
}

Promise.resolve()
  .then(() => load(process.argv[2]))
  .then(
    ({ main }) =>
      main({ argv: process.argv.slice(2), env: process.env, cwd: process.cwd(), signal: abort.signal }).then(end),
    cannotLoad,
  );
