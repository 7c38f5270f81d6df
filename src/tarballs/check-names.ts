// What an archive's names may be. Each rule guards something that a hostile archive has been used for.
import { posix } from "node:path";

/** A name without ./, doubled and closing slashes; an absolute one stays absolute. */
export function bareName(name: string): string {
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  return (name.startsWith("/") ? "/" : "") + parts.join("/");
}

/** What is wrong with an entry's name, as the second half of a sentence; undefined when nothing is. */
export function problemOfName(name: string, nameBytes: number): string | undefined {
  const shown = JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}...` : name);
  const parts = name.split("/");
  if (name === "" || name.includes("\0")) return `holds the name ${shown}, which is none`;
  if (name.startsWith("/")) return `holds the absolute name ${shown}`;
  if (parts.includes("..")) return `holds ${shown}, which leads out of the archive`;
  if (name.includes("\ufffd")) return `holds a name that is not UTF-8: ${shown}`;
  if (Buffer.byteLength(name) > nameBytes) return `holds a name longer than ${nameBytes} bytes: ${shown}`;
  if (parts.some((part) => Buffer.byteLength(part) > 255))
    return `holds a name longer than 255 bytes: ${shown}`;
  if (parts.some((part) => isGitFolder(part))) return `holds ${shown}, which git would take for its own`;
  if (/^\.gitmodules$/i.test(parts.at(-1)!))
    return `holds ${shown}, which would make git fetch from elsewhere`;
  return undefined;
}

/** The first two paths that can't stand side by side: the same, alike but for their case, or a file as a folder. */
export function problemOfPaths(paths: readonly string[]): string | undefined {
  const byFolded = new Map<string, string>();
  for (const path of paths) {
    const folded = path.normalize("NFC").toLowerCase();
    const other = byFolded.get(folded);
    if (other === path) return `holds ${JSON.stringify(path)} twice`;
    if (other !== undefined)
      return `holds ${JSON.stringify(other)} and ${JSON.stringify(path)}, which differ only in case`;
    byFolded.set(folded, path);
  }
  for (const path of byFolded.values())
    for (let folder = posix.dirname(path); folder !== "."; folder = posix.dirname(folder))
      if (byFolded.get(folder.normalize("NFC").toLowerCase()) !== undefined)
        return `holds ${JSON.stringify(folder)} both as a file and as a folder`;
  return undefined;
}

/** Attributes that run a program of the user's when git checks files out; the harmless ones are kept as they are. */
export function problemOfContent(path: string, content: Buffer): string | undefined {
  if (posix.basename(path).toLowerCase() !== ".gitattributes") return undefined;
  return /\b(filter|working-tree-encoding)\b/.test(content.toString("latin1"))
    ? `holds ${JSON.stringify(path)}, which would make git rewrite files`
    : undefined;
}

/** Git takes these for .git on some systems: NTFS short names, trailing dots and spaces, HFS ignorable characters. */
function isGitFolder(part: string): boolean {
  const bare = part.replace(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, "").replace(/[. ]+$/, "");
  return /^(\.git|git~\d)(:.*)?$/i.test(bare);
}
