// The command line as commander knows it, as plain values: what completion and the man page are made from.
import type { Command } from "commander";

export interface OptionFacts {
  /** "-o, --output <file>" */
  flags: string;
  short: string | undefined;
  long: string | undefined;
  takesValue: boolean;
  choices: readonly string[];
  description: string;
}

export interface CommandFacts {
  /** ["lab", "up"] for a command in a command. */
  path: readonly string[];
  /** "diff [options] <old> <new>" without the program's name. */
  usage: string;
  description: string;
  options: readonly OptionFacts[];
}

/** Every command that can be called, in the order of --help. */
export function commandFacts(command: Command, path: readonly string[] = []): CommandFacts[] {
  return command.commands
    .filter((one) => one.name() !== "help")
    .flatMap((one) => {
      const own = [...path, one.name()];
      return [...(isCalled(one) ? [factsOf(one, own)] : []), ...commandFacts(one, own)];
    });
}

/** `split` can be called and holds `split check`; `lab` only holds others. */
function isCalled({ commands, options, registeredArguments }: Command): boolean {
  return commands.length === 0 || options.length > 0 || registeredArguments.length > 0;
}

function factsOf(command: Command, path: readonly string[]): CommandFacts {
  const help = command.createHelp();
  return {
    path,
    usage: `${path.join(" ")} ${command.usage()}`.trim(),
    description: command.description(),
    options: help.visibleOptions(command).map((option) => ({
      flags: option.flags,
      short: option.short,
      long: option.long,
      takesValue: option.required || option.optional,
      choices: option.argChoices ?? [],
      description: help.optionDescription(option),
    })),
  };
}
