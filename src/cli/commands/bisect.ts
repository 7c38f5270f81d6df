import { Option, type Command } from "commander";
import type { BisectFlags } from "../bisect-releases.js";
import type { Call } from "../call.js";
import type { AddCommand } from "./index.js";

interface Flags extends BisectFlags {
  json?: true;
}

export const addBisect: AddCommand = (program, call, finish) => {
  const bisect = program
    .command("bisect")
    .description("find the release that brought the bug without a person: ends, search, repeats")
    .option("--good <version>", "a release that is good; left out: the bisect that is under way")
    .option("--bad <version>", "a release that is bad")
    .addOption(
      new Option("--flaky <kind>", "what may be wrong with a verdict (default: told from the ends)").choices([
        "none",
        "one-sided",
        "two-sided",
      ]),
    )
    .option("--confidence <percent>", "when to stop (default: 95)")
    .option("--failures <n>", "of the bad end before the search (default: 3); 0: both ends are believed")
    .option("--find-fix", "the bad release is the older one: find what mended it")
    .option("--retries <n>", "tries after a fault of the machine or the harness, before it stops", "2")
    .option("--no-inside", "stop at the release; do not cut it with split and go on between its changes")
    .option("--config <file>", "the settings of tarbisect step; left out: tarbisect.yaml here or above")
    .option("--json", "print what was found as JSON")
    .addHelpText(
      "after",
      "\nThe same command goes on after a kill, and with what git bisect was told meanwhile.\n" +
        "Exit codes: 0 found, 125 no single answer; 128 and above stop it with its state kept.",
    )
    .action(async (flags: Flags) => {
      const { bisectReleases } = await import("../bisect-releases.js");
      const { text, json, code } = await bisectReleases(flags, call);
      call.out(flags.json ? `${JSON.stringify(json, undefined, 2)}\n` : text);
      finish(code);
    });
  addStatus(bisect, call, finish);
};

function addStatus(bisect: Command, call: Call, finish: (code: number) => void): void {
  bisect
    .command("status")
    .description("what the bisect under way knows, and how surely")
    .option("--json", "the same as JSON")
    .action(async (_: unknown, command: Command) => {
      const { bisectStatus } = await import("../bisect-releases.js");
      const { text, json } = await bisectStatus(call);
      call.out(command.optsWithGlobals<Flags>().json ? `${JSON.stringify(json, undefined, 2)}\n` : text);
      finish(0);
    });
}
