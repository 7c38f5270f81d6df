// Links, as the system would follow them: textually "a/b/.." is "a", but when b is a link it is not.
import { posix } from "node:path";

/** Linux gives up after as many (MAXSYMLINKS). */
const MOST_HOPS = 40;

/**
 * What is wrong with the symlink at `path`, seen from inside the tree whose links are `targets` (by path); as the
 * second half of a sentence.
 */
export function problemOfLink(path: string, targets: ReadonlyMap<string, string>): string | undefined {
  const leaves = `holds the link ${JSON.stringify(path)}, which leads out of the archive`;
  const target = targets.get(path) ?? "";
  if (target === "" || target.includes("\0")) return `holds the link ${JSON.stringify(path)} to nothing`;
  if (target.includes("\ufffd")) return `holds the link ${JSON.stringify(path)}, whose target is not UTF-8`;
  const waiting = [...partsOf(posix.dirname(path)), ...target.split("/")].reverse();
  if (target.startsWith("/")) return leaves;
  const at: string[] = [];
  for (let hops = 0; waiting.length > 0;) {
    const part = waiting.pop()!;
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (at.pop() === undefined) return leaves;
      continue;
    }
    at.push(part);
    const next = targets.get(at.join("/"));
    if (next === undefined) continue;
    if (next.startsWith("/")) return leaves;
    if (++hops > MOST_HOPS) return `holds the link ${JSON.stringify(path)}, which leads in a circle`;
    at.pop();
    waiting.push(...next.split("/").reverse());
  }
  return undefined;
}

function partsOf(folder: string): string[] {
  return folder === "." ? [] : folder.split("/");
}
