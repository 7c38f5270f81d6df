// The POSIX sh around each command on a target: a process group of its own, a hard limit that the target itself keeps
// (so that it holds when the connection is gone), and marks on stderr that tell its end from ssh's.

/** How a command on a target ended. A target that dies under it is expected: `lost` is a value, not a fault. */
export type RemoteEnd =
  | { kind: "exited"; code: number }
  | { kind: "timed-out"; afterMs: number }
  | { kind: "stopped" }
  | { kind: "lost"; detail: string };

export interface WrappedCommand {
  /** Starts each mark; random, so that no output can be mistaken for one. */
  token: string;
  /** One argument for a login shell on the target. */
  script: string;
}

/** Written on its stdin, before the command's own: it has heard of us, and we of it. */
export const goWord = "go\n";

// Nothing is run before both sides have heard each other: a connection that ends meanwhile has run nothing, and may be
// tried again. No "--" after kill's signal: dash and busybox take it for a number. $4 is "hold" when stdin is our
// lifeline: its end says that whoever asked is gone, killed perhaps, and nothing of the command may stay; a mark that
// nobody reads any more (PIPE) must not end us before it is watched.
const wrapper = `
exec 3<&0
limit=
trap 'limit=1' USR1
trap : PIPE
echo "$3 ready" >&2
read -r go <&3 || exit
if [ "$4" = hold ]; then setsid sh -c "$1" </dev/null 3<&- & else setsid sh -c "$1" <&3 3<&- & fi
child=$!
echo "$3 group $child" >&2
setsid sh -c 'sleep "$1"; kill -USR1 "$3"; kill -TERM "-$2"; sleep 2; kill -KILL "-$2"' sh "$2" "$child" $$ \\
  </dev/null >/dev/null 2>&1 3<&- &
watch=$!
hold=
if [ "$4" = hold ]; then
  setsid sh -c 'cat <&3; kill -TERM "-$1"; sleep 2; kill -KILL "-$1"' sh "$child" </dev/null >/dev/null 2>&1 &
  hold=$!
fi
exec 3<&-
wait "$child" 2>/dev/null
code=$?
while kill -0 "$child" 2>/dev/null; do wait "$child" 2>/dev/null; code=$?; done
for helper in $watch $hold; do kill -KILL "$helper"; kill -KILL "-$helper"; done 2>/dev/null
kill -KILL "-$child" 2>/dev/null
if [ -n "$limit" ]; then echo "$3 limit" >&2; else echo "$3 exited $code" >&2; fi
`;

/** Quotes one word for any POSIX shell. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** The limit is rounded up to whole seconds: POSIX sleep knows no fractions. */
export function wrapCommand(
  command: string,
  options: { token: string; timeoutMs: number; hold: boolean },
): WrappedCommand {
  const seconds = Math.max(1, Math.ceil(options.timeoutMs / 1000));
  const hold = options.hold ? "hold" : "";
  const words = ["sh", "-c", wrapper, "sh", command, `${seconds}`, options.token, hold];
  return { token: options.token, script: words.map(quote).join(" ") };
}

/** The script that ends a group which a `group` mark named. */
export function endGroupScript(group: number): string {
  return `kill -TERM -${group}; sleep 1; kill -KILL -${group}`;
}

/** A target may print a line for ever; so much of one is waited for. */
const lineLimit = 64 * 1024;

/** Takes the marks out of stderr as it comes; what passes through is whole lines. */
export class MarkReader {
  /** The target waits for the word to go. */
  ready = false;
  group: number | undefined;
  end: "limit" | number | undefined;
  private rest = "";
  private readonly mark: RegExp;

  constructor(token: string) {
    // At the end of a line only: an audit record of the kernel log may quote our command line, token and all.
    this.mark = new RegExp(`${token} (?:(ready)|group (\\d+)|exited (\\d+)|limit)$`);
  }

  /** The command's own part of this piece. */
  push(piece: string): string {
    const lines = (this.rest + piece).split("\n");
    this.rest = lines.pop() ?? "";
    const whole = lines.map((line) => this.withoutMark(line) ?? `${line}\n`).join("");
    if (this.rest.length <= lineLimit) return whole;
    const long = this.rest;
    this.rest = "";
    return `${whole}${long}`;
  }

  /** What is left when the stream has ended. */
  finish(): string {
    const last = this.rest;
    this.rest = "";
    return this.withoutMark(last) ?? last;
  }

  // A command's last line may lack its newline, so a mark may stand behind other text.
  private withoutMark(line: string): string | undefined {
    const match = this.mark.exec(line);
    if (match === null) return undefined;
    const [, ready, group, code] = match;
    if (ready !== undefined) this.ready = true;
    else if (group !== undefined) this.group = Number(group);
    else this.end = code === undefined ? "limit" : Number(code);
    return line.slice(0, match.index);
  }
}
