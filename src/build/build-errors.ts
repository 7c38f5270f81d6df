// What the compiler, the assembler, modpost and make say when a build fails, as values, in the order they came.

export interface BuildError {
  /** Path relative to the folder that was built, where the tool named one. */
  file: string | undefined;
  line: number | undefined;
  message: string;
  /** Where the macros stand that the text came from, innermost first; none when it came from no macro. */
  expandedIn?: { file: string; line: number; macro: string }[];
}

const ofCompiler = /^(\S[^:\n]*):(\d+):(?:\d+:)? (?:fatal )?error: (.*)$/;
const ofExpansion =
  /^(\S[^:\n]*):(\d+):(?:\d+:)? note: in (?:expansion of|definition of) macro ['\u2018](\w+)['\u2019]$/;
/** Of the compiler as a whole, such as flags that exclude each other. */
const ofProgram = /^(?:cc1|gcc|clang)(?:-\d+)?: (?:fatal )?error: (.*)$/;
const ofModpost = /^(?:ERROR: modpost: |ERROR: |WARNING: modpost: )(.*undefined!?.*)$/;
const ofLinker = /^\S*ld(?:\.\w+)?: (.*(?:undefined reference|multiple definition).*)$/;
const ofMake = /^(?:\S+:\d+: )?make(?:\[\d+\])?: \*\*\* (.*)$|^\S*?:?\d*:? ?\*\*\* (.*Stop\.)$/;

/** What make was told to say ($(warning)) before it stops with no word of its own, as kernels do about SUBDIRS. */
const ofWarning = /^\S*Makefile:\d+: (?!\*\*\*)(.*)$/;
const wordless = /^\W*Stop\.$/;

/** Every error in a build's output; make's own complaints only count when no tool said more. */
export function parseBuildErrors(output: string, folder: string): BuildError[] {
  const errors: BuildError[] = [];
  const complaints: BuildError[] = [];
  const warnings: string[] = [];
  for (const line of output.split("\n")) {
    const compiler = ofCompiler.exec(line);
    if (compiler) {
      errors.push({
        file: relativeTo(folder, compiler[1]!),
        line: Number(compiler[2]),
        message: compiler[3]!,
      });
      continue;
    }
    const expansion = ofExpansion.exec(line);
    if (expansion && errors.length > 0) {
      const place = {
        file: relativeTo(folder, expansion[1]!),
        line: Number(expansion[2]),
        macro: expansion[3]!,
      };
      (errors.at(-1)!.expandedIn ??= []).push(place);
      continue;
    }
    const other = [ofModpost, ofLinker, ofProgram].flatMap((rule) => rule.exec(line)?.[1] ?? [])[0];
    if (other !== undefined) errors.push({ file: undefined, line: undefined, message: other });
    const warning = ofWarning.exec(line)?.[1];
    if (warning !== undefined && /[a-z]/.test(warning)) warnings.push(warning);
    const make = ofMake.exec(line);
    const said = make && (make[1] ?? make[2])!;
    if (said)
      complaints.push({
        file: undefined,
        line: undefined,
        message: wordless.test(said) && warnings.length > 0 ? warnings.join("; ") : said,
      });
  }
  return errors.length > 0 ? errors : complaints;
}

/** One line for a person: "i40e_main.c:12: implicit declaration of ...". */
export function describeBuildError(error: BuildError): string {
  const place =
    error.file === undefined ? "" : `${error.file}${error.line === undefined ? "" : `:${error.line}`}: `;
  return `${place}${error.message}`;
}

/** Failures of this machine, not of the source: they never count as "this release does not build". */
export function machineFailure(output: string): string | undefined {
  const known =
    /^.*(?:No space left on device|Cannot allocate memory|internal compiler error: Killed|Killed signal terminated program|[^\n]*: (?:gcc|cc|clang|ld|perl)[\w.-]*: (?:command )?not found|Input\/output error).*$/m.exec(
      output,
    )?.[0];
  // A shell's 127 from a rule of make: a program that the kernel's build uses is not installed here.
  return (
    known ?? (/ Error 127$/m.test(output) ? /^.*: (?:command )?not found$/m.exec(output)?.[0] : undefined)
  );
}

function relativeTo(folder: string, path: string): string {
  const clean = path.replace(/^\.\//, "");
  return clean.startsWith(`${folder}/`) ? clean.slice(folder.length + 1) : clean;
}
