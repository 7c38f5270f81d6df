import type { Call } from "../call.js";
import type { AddCommand } from "./index.js";

interface DecodeOptions {
  ko?: string;
  addr2line?: string;
  json?: true;
}

export const addDecode: AddCommand = (program, call, finish) => {
  program
    .command("decode")
    .description("turn the frames of a log into lines of source, by the module that was loaded")
    .argument("<file...>", "kernel logs or memleak prints; - for stdin")
    .option(
      "--ko <file>",
      "the module as it was built, with debug information (or a vmlinux); left out: the build kept of the log's trial",
    )
    .option("--addr2line <program>", "for a module of another machine, as aarch64-linux-gnu-addr2line")
    .option("--json", "print the frames as JSON")
    .addHelpText(
      "after",
      "\nExit codes: 0 all files were read, 128 binutils are missing, 129 a file can't be read.",
    )
    .action(async (files: string[], { ko: named, addr2line, json }: DecodeOptions) => {
      const [path, { readTextFile }, { readEvidence }, { decodeLog }, { decodedFramesText }] =
        await Promise.all([
          import("node:path"),
          import("../read-text-file.js"),
          import("../../evidence/read-evidence.js"),
          import("../decode-log.js"),
          import("../decoded-frames-text.js"),
        ]);
      const ko = named ?? (await moduleOf(files, call));
      const evidence = files.map((file) => readEvidence(readTextFile(file, call.cwd)));
      const log = await decodeLog({
        evidence,
        ko: path.resolve(call.cwd, ko),
        signal: call.signal,
        ...(addr2line !== undefined && { addr2line }),
      });
      call.out(
        json ? `${JSON.stringify({ ...log, ko }, undefined, 2)}\n` : decodedFramesText({ ...log, ko }),
      );
      finish(0);
    });
};

async function moduleOf(files: readonly string[], call: Call): Promise<string> {
  const { moduleOfTrial } = await import("../trial-module.js");
  return moduleOfTrial(files, call);
}
