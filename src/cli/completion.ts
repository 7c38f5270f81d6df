// Completion scripts for the shells, from the same definitions as --help. Releases are completed from git's tags.
import type { CommandFacts, OptionFacts } from "./command-facts.js";

export type Shell = "bash" | "zsh" | "fish";

export function completionScript(shell: Shell, commands: readonly CommandFacts[]): string {
  return scripts[shell](commands);
}

const scripts = { bash, zsh, fish } satisfies Record<Shell, (commands: readonly CommandFacts[]) => string>;

const tags = "git tag --list 'v*' 2>/dev/null";

function bash(commands: readonly CommandFacts[]): string {
  const cases = commands.map(
    ({ path, options }) => `    ${quote(path.join(" "))}) options=${quote(names(options))} ;;`,
  );
  const values = commands.flatMap(({ path, options }) =>
    options
      .filter(({ choices }) => choices.length > 0)
      .map(
        ({ long, choices }) =>
          `    ${quote(`${path.join(" ")} ${long ?? ""}`)}) choices=${quote(choices.join(" "))} ;;`,
      ),
  );
  const groups = groupsOf(commands).map(
    ({ group, inner, isCalled }) =>
      `    ${quote(group)}) subcommands=${quote(inner.join(" "))}${isCalled ? ` releases="$(${tags})"` : ""} ;;`,
  );
  return `# bash completion of tarbisect: source it, or put it into /etc/bash_completion.d/
_tarbisect() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]}
  local options= choices= subcommands= releases=
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W ${quote(firstWords(commands).join(" "))} -- "$word"))
    return
  fi
  case $command in
${groups.join("\n")}
  esac
  if [[ -n $subcommands ]]; then
    if ((COMP_CWORD == 2)) && [[ $word != -* ]]; then
      COMPREPLY=($(compgen -W "$subcommands $releases" -- "$word"))
      return
    fi
    if [[ " $subcommands " == *" \${COMP_WORDS[2]} "* ]]; then command="$command \${COMP_WORDS[2]}"; fi
  fi
  case $command in
${cases.join("\n")}
  esac
  case "$command $before" in
${values.join("\n")}
  esac
  if [[ -n $choices ]]; then
    COMPREPLY=($(compgen -W "$choices" -- "$word"))
  elif [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
  else
    COMPREPLY=($(compgen -W "$(${tags})" -- "$word"))
  fi
}
complete -o default -F _tarbisect tarbisect
`;
}

function zsh(commands: readonly CommandFacts[]): string {
  const cases = commands.map(({ path, options }) => {
    const specs = options.map((option) => `      ${quote(zshOption(option))}`);
    return `    ${quote(path.join(" "))})\n      _arguments \\\n${specs.map((spec) => `${spec} \\\n`).join("")}        '*: :_tarbisect_words'\n      ;;`;
  });
  const first = firstWords(commands).map((word) =>
    quote(`${word}:${descriptionOf(word, commands).replaceAll(":", "\\:")}`),
  );
  const groups = groupsOf(commands).map(
    ({ group, inner, isCalled }) =>
      `    ${quote(group)}) inner=(${inner.join(" ")})${isCalled ? " called=1" : ""} ;;`,
  );
  return `#compdef tarbisect
# zsh completion of tarbisect: put it into a folder of $fpath under the name _tarbisect
_tarbisect_words() {
  compadd -- \${(f)"$(${tags})"}
  _files
}
_tarbisect() {
  local -a commands inner
  local called=
  commands=(${first.join(" ")})
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  case $words[2] in
${groups.join("\n")}
  esac
  local command=$words[2]
  if (($#inner)); then
    if ((CURRENT == 3)) && [[ $words[3] != -* ]]; then
      compadd -- $inner
      if [[ -n $called ]]; then _tarbisect_words; fi
      return
    fi
    if (($inner[(Ie)$words[3]])); then command="$command $words[3]"; fi
  fi
  shift words
  ((CURRENT--))
  case $command in
${cases.join("\n")}
  esac
}
_tarbisect "$@"
`;
}

function zshOption({ long, short, description, takesValue, choices }: OptionFacts): string {
  const text = description.replace(/[[\]:]/g, "\\$&");
  const value = !takesValue ? "" : choices.length > 0 ? `:value:(${choices.join(" ")})` : ":value:_files";
  return `${long ?? short ?? ""}[${text}]${value}`;
}

function fish(commands: readonly CommandFacts[]): string {
  const groups = groupsOf(commands);
  const first = firstWords(commands).map(
    (word) =>
      `complete -c tarbisect -n __fish_use_subcommand -f -a ${word} -d ${fishQuote(descriptionOf(word, commands))}`,
  );
  const subcommands = groups.map(
    ({ group, inner }) =>
      `complete -c tarbisect -n ${fishQuote(fishSeen([group], inner))} -f -a ${fishQuote(inner.join(" "))}`,
  );
  const options = commands.flatMap(({ path, options: all }) => {
    const inner = path.length > 1 ? [] : (groups.find(({ group }) => group === path[0])?.inner ?? []);
    const seen = fishQuote(fishSeen(path, inner));
    return [
      `complete -c tarbisect -n ${seen} -a ${fishQuote(`(${tags})`)}`,
      ...all.map((option) => `complete -c tarbisect -n ${seen} ${fishOption(option)}`),
    ];
  });
  return `# fish completion of tarbisect: put it into ~/.config/fish/completions/tarbisect.fish\n${[...first, ...subcommands, ...options].join("\n")}\n`;
}

function fishSeen(path: readonly string[], not: readonly string[]): string {
  return [
    ...path.map((word) => `__fish_seen_subcommand_from ${word}`),
    ...(not.length === 0 ? [] : [`not __fish_seen_subcommand_from ${not.join(" ")}`]),
  ].join("; and ");
}

function fishOption({ long, short, takesValue, choices, description }: OptionFacts): string {
  return [
    ...(long === undefined ? [] : [`-l ${long.slice(2)}`]),
    ...(short === undefined ? [] : [`-s ${short.slice(1)}`]),
    ...(choices.length > 0 ? [`-x -a ${fishQuote(choices.join(" "))}`] : takesValue ? ["-r"] : []),
    `-d ${fishQuote(description)}`,
  ].join(" ");
}

function firstWords(commands: readonly CommandFacts[]): string[] {
  return [...new Set(commands.map(({ path }) => path[0]!))];
}

/** Commands that hold commands, with the names of those, and whether they can be called themselves. */
function groupsOf(
  commands: readonly CommandFacts[],
): { group: string; inner: string[]; isCalled: boolean }[] {
  return firstWords(commands).flatMap((group) => {
    const own = commands.filter(({ path }) => path[0] === group);
    const inner = own.flatMap(({ path }) => path[1] ?? []);
    return inner.length === 0 ? [] : [{ group, inner, isCalled: inner.length < own.length }];
  });
}

function descriptionOf(word: string, commands: readonly CommandFacts[]): string {
  const own = commands.filter(({ path }) => path[0] === word);
  return own.find(({ path }) => path.length === 1)?.description ?? own.map(({ path }) => path[1]).join(", ");
}

function names(options: readonly OptionFacts[]): string {
  return options.flatMap(({ short, long }) => [short, long].filter((name) => name !== undefined)).join(" ");
}

/** For bash and zsh. */
function quote(text: string): string {
  return `'${text.replace(/\s+/g, " ").replaceAll("'", "'\\''")}'`;
}

function fishQuote(text: string): string {
  return `'${text.replace(/\s+/g, " ").replace(/[\\']/g, "\\$&")}'`;
}
