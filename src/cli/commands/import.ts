import type { AddCommand } from "./index.js";

interface Flags {
  from: string[];
  inTree?: string;
  path?: string;
  into?: string;
  rebuild?: true;
  limit: string[];
  json?: true;
}

export const addImport: AddCommand = (program, call, finish) => {
  program
    .command("import")
    .description("make a git history of a driver's releases: a commit and an annotated tag each")
    .argument(
      "[driver]",
      "a driver's name, or the path of a catalog (.yaml); with --from, told by the archives' names",
    )
    .option(
      "--from <place>",
      "take the archives from a folder, an archive, a git mirror or a listing's URL instead; may be repeated",
      (place: string, before: string[]) => [...before, place],
      [],
    )
    .option("--in-tree <place>", "bring in a kernel's own copy of the driver, from its tarball or folder")
    .option("--path <folder>", "with --in-tree: the driver's folder in the kernel")
    .option("--into <dir>", "the repository to make or add to (default: ./DRIVER)")
    .option("--rebuild", "let later commits get new ids where a hole is filled")
    .option(
      "--limit <name=size>",
      "what an archive may grow to before it is taken for a bomb: total, file, entries, ratio or name; may be repeated",
      (limit: string, before: string[]) => [...before, limit],
      [],
    )
    .option("--json", "print what was imported as JSON")
    .action(async (driver: string | undefined, flags: Flags) => {
      const { importInto, inTreeInto } = await import("../import-into.js");
      const into = { driver, folder: flags.into, rebuild: flags.rebuild === true, limits: flags.limit };
      const done =
        flags.inTree === undefined && flags.path === undefined
          ? await importInto({ ...into, places: flags.from }, call)
          : await inTreeInto({ ...into, place: flags.inTree, path: flags.path, from: flags.from }, call);
      call.out(flags.json ? `${JSON.stringify(done.result, null, 2)}\n` : `${done.text}\n`);
      finish(0);
    });
};
