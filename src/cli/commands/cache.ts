import { applyClean, listCache, planClean } from "../../host/cache-contents.js";
import { cacheFolder } from "../../host/cache-folder.js";
import { renderByteSize, parseByteSize } from "../byte-size.js";
import type { AddCommand } from "./index.js";

export const addCache: AddCommand = (program, call, finish) => {
  const cache = program.command("cache").description("see and clean what was downloaded and unpacked");

  cache
    .command("list")
    .description("list what the cache holds, with sizes")
    .option("--json", "print it as JSON")
    .action(async (flags: { json?: true }) => {
      const folder = cacheFolder(call.env);
      const entries = await listCache(folder);
      const totalBytes = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      if (flags.json) call.out(`${JSON.stringify({ folder, totalBytes, entries }, null, 2)}\n`);
      else {
        for (const { name, sizeBytes } of entries)
          call.out(`${renderByteSize(sizeBytes).padStart(10)}  ${name}\n`);
        call.out(`${renderByteSize(totalBytes).padStart(10)}  in ${folder}\n`);
      }
      finish(0);
    });

  cache
    .command("clean")
    .description("remove what was used longest ago until the cache is small enough; it can all be had again")
    .requiredOption("--max-size <size>", "how much may stay, such as 500M or 0")
    .option("--json", "print what was removed as JSON")
    .action(async (flags: { maxSize: string; json?: true }) => {
      const maxBytes = parseByteSize(flags.maxSize);
      const folder = cacheFolder(call.env);
      const plan = planClean(await listCache(folder), maxBytes);
      await applyClean(folder, plan);
      const freedBytes = plan.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      if (flags.json) call.out(`${JSON.stringify({ folder, freedBytes, removed: plan }, null, 2)}\n`);
      else
        call.out(
          `removed ${plan.length} ${plan.length === 1 ? "thing" : "things"}, ${renderByteSize(freedBytes)}, from ${folder}\n`,
        );
      finish(0);
    });
};
