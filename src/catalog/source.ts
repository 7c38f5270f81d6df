// Where releases are listed. Each kind of source is one file that turns what it finds into releases of one driver.
import type { Network } from "./network.js";
import type { Release } from "./release.js";

export interface Listing {
  /** How a reader knows the source: "catalog", a folder's path, a server's host. */
  source: string;
  releases: readonly Release[];
}

export interface SourceContext {
  driver: string;
  network: Network;
  /** Whether archives on this machine are hashed, to be compared with other sources' (default), or only named. */
  sums?: boolean;
  signal?: AbortSignal;
}

/** One kind of source. `tryOpen` gives undefined when `place` (a path or a URL) is of another kind. */
export interface SourceKind {
  name: string;
  tryOpen(place: string, context: SourceContext): Promise<Listing | undefined>;
}
