import { usageFault } from "../fault/fault.js";
import { folderSource } from "./source-folder.js";
import { gitHubSource } from "./source-github.js";
import { gitMirrorSource } from "./source-git-mirror.js";
import { htmlIndexSource } from "./source-html-index.js";
import { sourceForgeSource } from "./source-sourceforge.js";
import type { Listing, SourceContext, SourceKind } from "./source.js";

/** Every kind of source, tried in this order: the particular ones first. */
const sourceKinds: readonly SourceKind[] = [
  gitMirrorSource,
  folderSource,
  sourceForgeSource,
  gitHubSource,
  htmlIndexSource,
];

/** Lists the releases of a driver at `place`, a path or a URL of any kind of source; a usage fault when it is none. */
export async function openSource(place: string, context: SourceContext): Promise<Listing> {
  for (const kind of sourceKinds) {
    const listing = await kind.tryOpen(place, context);
    if (listing === undefined) continue;
    if (listing.releases.length > 0) return listing;
    throw usageFault(
      `${place} holds no release of ${context.driver} (read as ${kind.name})`,
      `archives are named ${context.driver}-VERSION.tar.gz`,
    );
  }
  throw usageFault(
    `"${place}" is no source of releases`,
    `a source is ${sourceKinds.map(({ name }) => name).join("; ")}`,
  );
}
