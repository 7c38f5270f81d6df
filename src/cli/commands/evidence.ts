import type { EvidenceOptions } from "../evidence-options.js";
import type { AddCommand } from "./index.js";

export const addEvidence: AddCommand = (program, call, finish) => {
  program
    .command("evidence")
    .description("say what kernel logs and measurements hold, as tarbisect reads them")
    .argument(
      "<file...>",
      "kernel logs, memleak, kmemleak and page_owner prints, /proc snapshots, ethtool or iperf3 prints; - for stdin",
    )
    .option("--ring <n>", "buffers of each receive ring, for memleak prints (or give `ethtool -g` as a file)")
    .option("--queues <n>", "receive queues of each port (or give `ethtool -l` as a file)")
    .option("--ports <n>", "ports in use; left out: 1")
    .option("--stopped <time>", "when the load ended, HH:MM:SS: memleak prints are compared after it")
    .option("--json", "print everything that was understood as JSON")
    .addHelpText("after", "\nExit codes: 0 all files were read, 129 a file can't be read.")
    .action(async (files: string[], options: EvidenceOptions) => {
      const [{ readEvidenceFile }, { memleakContext }, { judgeMemleak }, { evidenceText }] =
        await Promise.all([
          import("../read-evidence-file.js"),
          import("../evidence-options.js"),
          import("../../evidence/judge-memleak.js"),
          import("../evidence-text.js"),
        ]);
      const read = [];
      for (const file of files) read.push({ file, ...(await readEvidenceFile(file, call.cwd, call.note)) });
      const context = memleakContext(
        options,
        read.flatMap(({ rings = [] }) => rings),
      );
      const judged = read.map((one) =>
        one.memleak === undefined ? one : { ...one, heldByModule: judgeMemleak(one.memleak, context) },
      );
      call.out(options.json ? `${JSON.stringify({ files: judged }, undefined, 2)}\n` : evidenceText(judged));
      finish(0);
    });
};
