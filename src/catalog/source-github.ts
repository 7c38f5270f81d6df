// GitHub lists a project's releases as JSON: https://api.github.com/repos/OWNER/NAME/releases?per_page=100
import { harnessFault } from "../fault/fault.js";
import { versionOfArchive, versionOfName } from "./archive-name.js";
import type { GitHubListing } from "./github-shape.js";
import { readPage } from "./listing-page.js";
import type { Release } from "./release.js";
import type { SourceKind } from "./source.js";

export const gitHubSource: SourceKind = {
  name: "a GitHub project's releases",
  async tryOpen(place, context) {
    const url = URL.canParse(place) ? new URL(place) : undefined;
    const repository = /^\/repos\/([\w.-]+\/[\w.-]+)\/releases$/.exec(url?.pathname ?? "")?.[1];
    if (!url || repository === undefined) return undefined;
    const releases = await parseGitHubReleases(await readPage(place, context), {
      repository,
      driver: context.driver,
    });
    return { source: url.host, releases };
  },
};

/** The driver's releases in GitHub's JSON: the vendor's own archive where there is one, then the tag's. */
export async function parseGitHubReleases(
  json: string,
  { repository, driver }: { repository: string; driver: string },
): Promise<Release[]> {
  return (await parseListing(json, repository)).flatMap(
    ({ tag_name: tag, draft, published_at: published, assets }) => {
      const version = versionOfName(driver, tag);
      if (version === undefined || draft) return [];
      const asset = assets.find(({ name }) => versionOfArchive(driver, name) === version);
      const sha256 = /^sha256:([0-9a-f]{64})$/.exec(asset?.digest ?? "")?.[1];
      return [
        {
          driver,
          version,
          ...(published ? { date: published.slice(0, 10) } : {}),
          urls: [
            ...(asset ? [asset.browser_download_url] : []),
            `https://github.com/${repository}/archive/refs/tags/${encodeURIComponent(tag)}.tar.gz`,
          ],
          ...(sha256 ? { sha256 } : {}),
          ...(asset ? { sizeBytes: asset.size } : {}),
          withdrawn: false,
        },
      ];
    },
  );
}

async function parseListing(json: string, repository: string): Promise<GitHubListing> {
  const { parseGitHubListing } = await import("./github-shape.js");
  try {
    return parseGitHubListing(json);
  } catch (cause) {
    throw harnessFault(`what came is no list of releases of ${repository}`, { cause });
  }
}
