// The man page, from the same definitions as --help (man(7), man-pages(7)).
import type { CommandFacts } from "./command-facts.js";
import { exitCodeMeanings } from "./exit-code.js";

export interface ManPage {
  description: string;
  version: string;
  commands: readonly CommandFacts[];
}

/** Roff source of tarbisect(1). */
export function manPage({ description, version, commands }: ManPage): string {
  const sections = commands.map(({ usage, description: what, options }) =>
    [
      `.SS ${roff(`tarbisect ${usage}`)}`,
      roff(sentence(what)),
      ...options.map((option) => `.TP\n.B ${roff(option.flags)}\n${roff(sentence(option.description))}`),
    ].join("\n"),
  );
  const codes = exitCodeMeanings.map(({ code, meaning }) => `.TP\n.B ${code}\n${roff(sentence(meaning))}`);
  return `.TH TARBISECT 1 "" "tarbisect ${roff(version)}" "User Commands"
.SH NAME
tarbisect \\- ${roff(description)}
.SH SYNOPSIS
.B tarbisect
.I command
.RI [ options ]
.SH COMMANDS
${sections.join("\n")}
.SH EXIT STATUS
${codes.join("\n")}
.SH FILES
.TP
.B tarbisect.yaml
${roff("How a release is built, loaded and tested; tarbisect init writes one that explains every key.")}
.TP
.B .tarbisect/evidence
${roff("One folder per trial, beside the repository's .git.")}
.SH SEE ALSO
.BR git\\-bisect (1)
`;
}

function sentence(text: string): string {
  const plain = text.replace(/\s+/g, " ").trim();
  return plain === "" ? "" : `${plain[0]!.toUpperCase()}${plain.slice(1)}${/[.)]$/.test(plain) ? "" : "."}`;
}

/** No character of the text is read as a request or an escape. */
function roff(text: string): string {
  return text.replace(/\\/g, "\\e").replace(/-/g, "\\-").replace(/^[.']/, "\\&$&");
}
