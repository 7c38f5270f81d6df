import { z } from "zod";

const shape = z.array(
  z.object({
    tag_name: z.string(),
    draft: z.boolean().optional(),
    published_at: z.string().nullish(),
    assets: z.array(
      z.object({
        name: z.string(),
        browser_download_url: z.string(),
        size: z.int().positive(),
        digest: z.string().nullish(),
      }),
    ),
  }),
);

/** What of GitHub's list of releases is read. */
export type GitHubListing = z.output<typeof shape>;

/** Throws where the text is no such list. */
export function parseGitHubListing(json: string): GitHubListing {
  return shape.parse(JSON.parse(json));
}
