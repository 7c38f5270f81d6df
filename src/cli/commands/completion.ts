import { Argument } from "commander";
import type { AddCommand } from "./index.js";

type Page = "bash" | "zsh" | "fish" | "man";

export const addCompletion: AddCommand = (program, call, finish) => {
  program
    .command("completion")
    .addArgument(new Argument("<what>", "the shell, or man").choices(["bash", "zsh", "fish", "man"]))
    .description("print a completion script for a shell, or the man page")
    .addHelpText(
      "after",
      `
  source <(tarbisect completion bash)
  tarbisect completion zsh > "\${fpath[1]}/_tarbisect"
  tarbisect completion fish > ~/.config/fish/completions/tarbisect.fish
  tarbisect completion man | man -l -`,
    )
    .action(async (what: Page) => {
      const [{ commandFacts }, { completionScript }, { manPage }] = await Promise.all([
        import("../command-facts.js"),
        import("../completion.js"),
        import("../man-page.js"),
      ]);
      const commands = commandFacts(program);
      call.out(
        what === "man"
          ? manPage({ description: program.description(), version: program.version() ?? "", commands })
          : completionScript(what, commands),
      );
      finish(0);
    });
};
