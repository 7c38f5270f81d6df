// A commit's files, read with two git processes however many files there are.
import { harnessFault, usageFault } from "../fault/fault.js";
import { runChecked, runCommand } from "../host/run-command.js";
import type { SourceTree, TreeFile } from "./slot.js";

/** A commit's full id; a usage fault when the repository has no such commit. */
export async function commitId(repository: string, revision: string): Promise<string> {
  const argv = ["git", "rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`];
  const run = await runCommand(argv, { cwd: repository, timeoutMs: 60_000 });
  if (run.end.kind === "exited" && run.end.code === 0) return run.stdout.toString().trim();
  throw usageFault(`"${revision}" is no commit of the repository in ${repository}`, "git tag --list");
}

/** Every file of a commit; a submodule is the id of its commit, since its content is not in the repository. */
export async function readTree(repository: string, commit: string): Promise<SourceTree> {
  const listing = await runChecked(["git", "ls-tree", "-r", "-z", commit], { cwd: repository });
  const entries = listing
    .toString("latin1")
    .split("\0")
    .filter((row) => row !== "")
    .map((row) => {
      const [, mode = "", type = "", id = "", path = ""] = /^(\d+) (\w+) (\w+)\t([\s\S]*)$/.exec(row) ?? [];
      return { mode, id, path, isBlob: type === "blob" };
    });
  const ids = entries.flatMap(({ id, isBlob }) => (isBlob ? [id] : []));
  const contents = (await readBlobs(repository, ids)).values();
  return new Map<string, TreeFile>(
    entries.map(({ mode, path, id, isBlob }) => [
      path,
      { mode, content: isBlob ? contents.next().value! : Buffer.from(id) },
    ]),
  );
}

async function readBlobs(repository: string, ids: readonly string[]): Promise<Buffer[]> {
  const keepBytes = 4 * 1024 ** 3;
  const stdin = ids.map((id) => `${id}\n`).join("");
  const bytes = await runChecked(["git", "cat-file", "--batch"], { cwd: repository, stdin, keepBytes });
  let at = 0;
  return ids.map((id) => {
    const lineEnd = bytes.indexOf("\n", at);
    const size = Number(bytes.subarray(at, lineEnd).toString().split(" ")[2]);
    if (!Number.isInteger(size)) throw harnessFault(`git has no content for ${id}`);
    at = lineEnd + 1 + size + 1;
    return bytes.subarray(lineEnd + 1, lineEnd + 1 + size);
  });
}
