import { Command, CommanderError, Help, type Option } from "commander";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Fault, messageOf } from "../fault/fault.js";
import { packageRoot } from "../host/package-root.js";
import { secretPrefix } from "../host/secret-variables.js";
import type { Call } from "./call.js";
import { commands } from "./commands/index.js";
import { exitCode, exitCodeOfBlame } from "./exit-code.js";

export interface MainInput {
  argv: readonly string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  signal: AbortSignal;
}

/** One call of the command line, to its exit code. A throw that is no Fault is a bug of ours and passes through. */
export async function main(input: MainInput): Promise<number> {
  const call: Call = {
    env: { ...input.env },
    cwd: input.cwd,
    signal: input.signal,
    out: (text) => void process.stdout.write(text),
    note: (text) => void process.stderr.write(text),
  };
  // What a program is not given on purpose it inherits from here.
  for (const name of Object.keys(process.env))
    if (name.startsWith(secretPrefix)) Reflect.deleteProperty(process.env, name);
  let code: number | undefined;
  const program = await buildProgram(call, (chosen) => (code = chosen), input.argv[0]);
  try {
    await program.parseAsync(input.argv, { from: "user" });
    if (input.signal.aborted) return exitCodeOfBlame.interrupted; // whatever it concluded on its way out
    return code ?? exitCode.ourBug;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodeOfBlame.usage;
    const fault = input.signal.aborted ? new Fault("interrupted", "interrupted") : error;
    if (!(fault instanceof Fault)) throw error;
    call.note(`tarbisect: ${messageOf(fault)}${fault.hint ? `\nhint: ${fault.hint}` : ""}\n`);
    return exitCodeOfBlame[fault.blame];
  }
}

/**
 * The command line as commander sees it; `finish` takes the exit code that a command chose. With the name of a command
 * it knows that one only, but for the one that tells of all.
 */
export async function buildProgram(
  call: Call,
  finish: (code: number) => void,
  name?: string,
): Promise<Command> {
  const { version } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as {
    version: string;
  };
  const program = new Command("tarbisect")
    .description("Diff and bisect Linux drivers whose vendor ships only tarballs")
    .version(version)
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({ optionDescription: (option) => withoutEmptyDefault(option) })
    .configureOutput({ writeOut: call.out, writeErr: call.note });
  const only = name === undefined || name === "completion" || !Object.hasOwn(commands, name) ? [] : [name];
  const names = only.length > 0 ? only : Object.keys(commands);
  for (const add of await Promise.all(names.map((each) => commands[each]!()))) add(program, call, finish);
  return program;
}

/** An option that may be repeated has [] by default, which says nothing to a reader. */
function withoutEmptyDefault(option: Option): string {
  return new Help().optionDescription(option).replace(/ ?\(default: \[\]\)$/, "");
}
