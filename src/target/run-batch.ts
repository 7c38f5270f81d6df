// Several commands in one connection, each with its own exit code and output.
import { randomBytes } from "node:crypto";
import type { RemoteEnd } from "./remote-command.js";
import type { Target } from "./target.js";

const keepBytes = 16 * 1024 * 1024;

export interface BatchAnswer {
  code: number;
  /** stdout and stderr, without the last line break. */
  output: string;
}

/**
 * Runs each command with sh, in order, whatever became of the ones before. The answers stop where the target did:
 * then `end` says how, and how many answers there are says in which command.
 */
export async function runBatch(
  target: Target,
  commands: readonly string[],
  options: { timeoutMs: number; signal?: AbortSignal },
): Promise<{ answers: BatchAnswer[]; end: RemoteEnd }> {
  const mark = `@${randomBytes(8).toString("hex")}`;
  const script = commands.map(
    (command) => `out=$( { ${command}
} 2>&1 </dev/null ); printf '%s %s %s\\n%s' '${mark}' $? "\${#out}" "$out"`,
  );
  const head = 'LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"; export LC_ALL PATH';
  const { end, stdout } = await target.run([head, ...script].join("\n"), { ...options, keepBytes });
  return { answers: readAnswers(stdout, mark), end };
}

function readAnswers(bytes: Buffer, mark: string): BatchAnswer[] {
  const answers: BatchAnswer[] = [];
  // A login shell's profile may have greeted first.
  for (let at = Math.max(0, bytes.indexOf(`${mark} `)); at < bytes.length;) {
    const lineEnd = bytes.indexOf(0x0a, at);
    const [word, code, size] = bytes.toString("utf8", at, lineEnd < 0 ? at : lineEnd).split(" ");
    const end = lineEnd + 1 + Number(size);
    if (word !== mark || end > bytes.length) break;
    answers.push({ code: Number(code), output: bytes.toString("utf8", lineEnd + 1, end) });
    at = end;
  }
  return answers;
}
