import type { AddCommand } from "./index.js";

interface Flags {
  source: string[];
  online?: true;
  json?: true;
}

export const addReleases: AddCommand = (program, call, finish) => {
  program
    .command("releases")
    .description(
      "list every known release of a driver: date, where from, in the cache or not, withdrawn or not",
    )
    .argument("<driver>", "a driver's name, or the path of a catalog (.yaml)")
    .option(
      "--source <place>",
      "compare with a folder of archives, an archive, a git mirror or a listing's URL; may be repeated",
      (place: string, before: string[]) => [...before, place],
      [],
    )
    .option("--online", "compare with the vendor's own listings too")
    .option("--json", "print the releases as JSON")
    .action(async (driver: string, flags: Flags) => {
      const [{ gatherReleases }, { releasesText }] = await Promise.all([
        import("../gather-releases.js"),
        import("../releases-text.js"),
      ]);
      const places = { sources: flags.source, online: flags.online === true };
      const releases = await gatherReleases(driver, places, call);
      call.out(flags.json ? `${JSON.stringify(releases, null, 2)}\n` : releasesText(releases));
      finish(0);
    });
};
