import type { AddCommand } from "./index.js";

interface Flags {
  from: string[];
  into?: string;
  rebuild?: true;
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
    .option("--into <dir>", "the repository to make or add to (default: ./DRIVER)")
    .option("--rebuild", "let later commits get new ids where a hole is filled")
    .action(async (driver: string | undefined, flags: Flags) => {
      const [{ importSources }, { importReleases }, path] = await Promise.all([
        import("../import-sources.js"),
        import("../../history/import-releases.js"),
        import("node:path"),
      ]);
      const wanted = await importSources({ driver, places: flags.from }, call);
      const folder = path.resolve(call.cwd, flags.into ?? wanted.driver);
      const result = await importReleases(wanted.sources, {
        folder,
        rebuild: flags.rebuild === true,
        signal: call.signal,
        onProgress: ({ version, read, of }) =>
          call.note(`read ${wanted.driver} ${version} (${read} of ${of})\n`),
      });
      const kept = result.kept.length > 0 ? `, ${result.kept.length} were there` : "";
      call.out(
        `${folder}: ${result.added.length} releases added${kept}; branch releases at ${result.tip.slice(0, 12)}\n`,
      );
      finish(0);
    });
};
