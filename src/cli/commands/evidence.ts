import type { AddCommand } from "./index.js";

export const addEvidence: AddCommand = (program, call, finish) => {
  program
    .command("evidence")
    .description("say what kernel logs and measurements hold, as tarbisect reads them")
    .argument(
      "<file...>",
      "kernel logs, memleak prints, /proc snapshots, ethtool -S or iperf3 JSON; - for stdin",
    )
    .option("--json", "print everything that was understood as JSON")
    .addHelpText("after", "\nExit codes: 0 all files were read, 129 a file can't be read.")
    .action(async (files: string[], options: { json?: true }) => {
      const [{ readTextFile }, { readEvidence }, { evidenceText }] = await Promise.all([
        import("../read-text-file.js"),
        import("../../evidence/read-evidence.js"),
        import("../evidence-text.js"),
      ]);
      const found = files.map((file) => ({ file, ...readEvidence(readTextFile(file, call.cwd)) }));
      call.out(options.json ? `${JSON.stringify({ files: found }, undefined, 2)}\n` : evidenceText(found));
      finish(0);
    });
};
