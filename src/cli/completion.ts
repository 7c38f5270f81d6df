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
    ([group, inner]) => `    ${quote(group)}) subcommands=${quote(inner.join(" "))} ;;`,
  );
  return `# bash completion of tarbisect: source it, or put it into /etc/bash_completion.d/
_tarbisect() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]}
  local options= choices= subcommands=
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W ${quote(firstWords(commands).join(" "))} -- "$word"))
    return
  fi
  case $command in
${groups.join("\n")}
  esac
  if [[ -n $subcommands ]]; then
    if ((COMP_CWORD == 2)); then
      COMPREPLY=($(compgen -W "$subcommands" -- "$word"))
      return
    fi
    command="$command \${COMP_WORDS[2]}"
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
    ([group, inner]) => `    ${quote(group)}) inner=(${inner.join(" ")}) ;;`,
  );
  return `#compdef tarbisect
# zsh completion of tarbisect: put it into a folder of $fpath under the name _tarbisect
_tarbisect_words() {
  compadd -- \${(f)"$(${tags})"}
  _files
}
_tarbisect() {
  local -a commands inner
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
    if ((CURRENT == 3)); then
      compadd -- $inner
      return
    fi
    command="$command $words[3]"
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
  const first = firstWords(commands).map(
    (word) =>
      `complete -c tarbisect -n __fish_use_subcommand -f -a ${word} -d ${quote(descriptionOf(word, commands))}`,
  );
  const groups = groupsOf(commands).map(
    ([group, inner]) =>
      `complete -c tarbisect -n ${quote(`__fish_seen_subcommand_from ${group}; and not __fish_seen_subcommand_from ${inner.join(" ")}`)} -f -a ${quote(inner.join(" "))}`,
  );
  const options = commands.flatMap(({ path, options: all }) => {
    const seen = quote(path.map((word) => `__fish_seen_subcommand_from ${word}`).join("; and "));
    return [
      `complete -c tarbisect -n ${seen} -a ${quote(`(${tags})`)}`,
      ...all.map(({ long, short, takesValue, choices, description }) =>
        [
          `complete -c tarbisect -n ${seen}`,
          ...(long === undefined ? [] : [`-l ${long.slice(2)}`]),
          ...(short === undefined ? [] : [`-s ${short.slice(1)}`]),
          ...(choices.length > 0 ? [`-x -a ${quote(choices.join(" "))}`] : takesValue ? ["-r"] : []),
          `-d ${quote(description)}`,
        ].join(" "),
      ),
    ];
  });
  return `# fish completion of tarbisect: put it into ~/.config/fish/completions/tarbisect.fish\n${[...first, ...groups, ...options].join("\n")}\n`;
}

function firstWords(commands: readonly CommandFacts[]): string[] {
  return [...new Set(commands.map(({ path }) => path[0]!))];
}

/** Commands that hold commands, with the names of those. */
function groupsOf(commands: readonly CommandFacts[]): [group: string, inner: string[]][] {
  return firstWords(commands).flatMap((word): [string, string[]][] => {
    const inner = commands.flatMap(({ path }) =>
      path[0] === word && path[1] !== undefined ? [path[1]] : [],
    );
    return inner.length === 0 ? [] : [[word, inner]];
  });
}

function descriptionOf(word: string, commands: readonly CommandFacts[]): string {
  const inner = commands.filter(({ path }) => path[0] === word);
  return inner.length === 1 && inner[0]!.path.length === 1
    ? inner[0]!.description
    : inner.map(({ path }) => path[1]).join(", ");
}

function names(options: readonly OptionFacts[]): string {
  return options.flatMap(({ short, long }) => [short, long].filter((name) => name !== undefined)).join(" ");
}

/** For all three shells. */
function quote(text: string): string {
  return `'${text.replace(/\s+/g, " ").replaceAll("'", "’")}'`;
}
