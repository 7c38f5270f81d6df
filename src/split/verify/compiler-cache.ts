// A compiler for make that keeps objects by what they were made from: a changed header costs a compilation only where
// the preprocessed text changed. Objects have no debug information and no path of the build folder in them, so that the
// same text gives the same object in every folder.
import { mkdir, writeFile } from "node:fs/promises";

export interface CompilerCache {
  /** The compiler, such as gcc. */
  cc: string;
  /** Where objects are kept; made when missing. */
  folder: string;
  /** The folder that is built in; it is taken out of what objects say. */
  root: string;
  /** Further flags for the vendor's own sources. */
  flags?: readonly string[];
  /** Whether to compile each source itself, as if nothing was kept. */
  isPlain?: boolean;
}

/** Writes the script to use as CC. */
export async function writeCompiler(path: string, cache: CompilerCache): Promise<void> {
  await mkdir(cache.folder, { recursive: true });
  await writeFile(path, script(cache), { mode: 0o755 });
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function script({ cc, folder, root, flags: more = [], isPlain = false }: CompilerCache): string {
  const flags = ["-g0", `-ffile-prefix-map=${root}/=`];
  return `#!/bin/sh
# Written by tarbisect split: ${cc} that keeps objects by their preprocessed text.
cc=${quote(cc)} folder=${quote(folder)} root=${quote(root)}
compile= source= out= probe= previous= deps=
for a do
  [ "$previous" = -o ] && out=$a
  case $a in
    -c) compile=1 ;;
    /dev/null) probe=1 ;;
    *.c) source=$a ;;
    -Wp,-MMD,*|-Wp,-MD,*) deps=\${a##*,} ;;
  esac
  previous=$a
done
[ -n "$compile" ] && [ -n "$out" ] || exec "$cc" "$@"
if [ -n "$probe" ]; then # kbuild asks the same things of the compiler before each build
  key=$(for a do [ "$a" = "$out" ] || printf '%s\\n' "$a"; done | sha256sum)
  key=$folder/probe-\${key%% *}
  [ -f "$key.0" ] && : > "$out" && exit 0
  [ -f "$key.1" ] && exit 1
  "$cc" "$@"; code=$?
  [ $code -le 1 ] && : > "$key.$code"
  exit $code
fi
[ -n "$source" ] || exec "$cc" "$@"
count=$# skip=
while [ $count -gt 0 ]; do
  a=$1; shift; count=$((count - 1))
  if [ -n "$skip" ]; then skip=; continue; fi
  case $a in
    -c) ;;
    -o) skip=1 ;;
    "$source") ;;
    *) set -- "$@" "$a" ;;
  esac
done
set -- "$@" ${flags.map(quote).join(" ")}
case $source in # modpost's own file is another one each time: it holds the sum of the sources
  *.mod.c) exec "$cc" "$@" -c -o "$out" "$source" ;;
  *) set -- "$@" ${more.map(quote).join(" ")} ;;
esac
${isPlain ? `exec "$cc" "$@" -c -o "$out" "$source"\n` : keeping}`;
}

/** What it leaves beside an object is read by object-texts.ts. */
const keeping = `text=$out.$$.i key=
rm -f "$out.text"
printf '%s\\0' "$PWD" "$source" "$@" > "$out.args"
if [ -f "$out.key" ]; then # the text is there already
  text=$out.i key=$(cat "$out.key")
elif "$cc" "$@" "$source" -E -o "$text" 2>/dev/null; then
  # Macros that nobody uses, comments and line markers change nothing that is compiled.
  key=$({ cat "$out.args"; sed -e '/^# /d' -e '/^ *$/d' "$text"; } | sed "s|$root|.|g" | sha256sum)
  key=\${key%% *}
  [ -n "$deps" ] && cp "$deps" "$out.deps"
fi
if [ -n "$key" ]; then
  kept=$folder/$key.o
  if [ -f "$kept" ]; then
    rm -f "$text" "$out.key"
    cp "$kept" "$out.$$" && mv "$out.$$" "$out" && echo "$key" > "$out.text" && exit 0
  fi
  if "$cc" "$@" -c -o "$out" "$text" 2>/dev/null; then
    rm -f "$text" "$out.key"
    cp "$out" "$kept.$$" && mv "$kept.$$" "$kept" && echo "$key" > "$out.text"
    echo "$source" >> "$folder/compiled"
    exit 0
  fi
fi
rm -f "$text" "$out.key"
exec "$cc" "$@" -c -o "$out" "$source"
`;
