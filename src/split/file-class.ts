/** What a change to a file can do to a build: C is cut finely, documents can't do anything to it. */
export type FileClass = "c" | "document" | "build";

const documents =
  /(?:^|\/)(?:README|COPYING|LICENSE|CHANGELOG|CHANGES|NEWS|AUTHORS|SUMS|MAINTAINERS|doxy|pci\.updates|Module\.supported)[^/]*$|\.(?:txt|md|rst|html|spec|[1-9])$/i;

/** Told by the path alone. Everything that is neither C nor surely a document counts as part of the build. */
export function classifyFile(path: string): FileClass {
  if (/\.[ch]$/.test(path)) return "c";
  return documents.test(path) ? "document" : "build";
}
