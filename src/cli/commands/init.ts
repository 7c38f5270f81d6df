import { existsSync } from "node:fs";
import { join } from "node:path";
import type { AddCommand } from "./index.js";

export const addInit: AddCommand = (program, call, finish) => {
  program
    .command("init")
    .argument("DRIVER", "a driver whose catalog is shipped, or the path of a catalog of your own")
    .description("write a commented tarbisect.yaml into the current folder")
    .option("--force", "replace the tarbisect.yaml that is there")
    .action(async (driver: string, options: { force?: true }) => {
      const [
        { loadCatalog },
        { settingsTemplate },
        { settingsFile },
        { usageFault },
        { writeFileAtomically },
      ] = await Promise.all([
        import("../../catalog/catalog.js"),
        import("../settings-template.js"),
        import("../find-settings.js"),
        import("../../fault/fault.js"),
        import("../../host/write-file.js"),
      ]);
      const path = join(call.cwd, settingsFile);
      const text = settingsTemplate(driver, await loadCatalog(driver));
      if (existsSync(path) && !options.force)
        throw usageFault(`${path} is there already`, "tarbisect init --force replaces it");
      await writeFileAtomically(path, text);
      call.out(`wrote ${path}: now say in it how to stress ${driver}\n`);
      finish(0);
    });
};
