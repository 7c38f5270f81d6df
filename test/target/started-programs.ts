// What every program that is started shows of itself to whoever can look at it: not sampled, each one writes it down
// itself, by a library that the loader puts before it.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const library = `#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
__attribute__((constructor)) static void note(int argc, char **argv)
{
	char *path = NULL;
	const char *folder = getenv("STARTED_PROGRAMS");
	if (!folder || asprintf(&path, "%s/XXXXXX", folder) < 0) return;
	int file = mkstemp(path);
	for (int each = 0; each < argc; each++) dprintf(file, "argv %s%c", argv[each], 0);
	for (char **each = environ; *each; each++) dprintf(file, "env %s%c", *each, 0);
	close(file);
	free(path);
}
`;

export interface StartedProgram {
  argv: string[];
  env: string[];
}

export interface StartedPrograms {
  /** For the first program: all that it starts inherit it. */
  env: Record<string, string>;
  /** All so far but static ones (busybox), which no library can be put before. */
  read(): StartedProgram[];
}

/** Keeps its files in `folder`, which it makes. */
export function recordPrograms(folder: string): StartedPrograms {
  const notes = join(folder, "notes");
  mkdirSync(notes, { recursive: true });
  writeFileSync(join(folder, "note.c"), library);
  const so = join(folder, "note.so");
  execFileSync("gcc", ["-shared", "-fPIC", "-o", so, join(folder, "note.c")], { stdio: "pipe" });
  return {
    env: { LD_PRELOAD: so, STARTED_PROGRAMS: notes },
    read: () =>
      readdirSync(notes).map((name) => {
        const entries = readFileSync(join(notes, name), "utf8").split("\0");
        const of = (kind: string): string[] =>
          entries.filter((each) => each.startsWith(kind)).map((each) => each.slice(kind.length));
        return { argv: of("argv "), env: of("env ") };
      }),
  };
}
