// SourceForge lists a project's files as RSS: https://sourceforge.net/projects/e1000/rss?path=/i40e%20stable
import { versionOfArchive } from "./archive-name.js";
import { readPage } from "./listing-page.js";
import type { Release } from "./release.js";
import type { SourceKind } from "./source.js";

export const sourceForgeSource: SourceKind = {
  name: "a SourceForge project's RSS",
  async tryOpen(place, context) {
    const url = URL.canParse(place) ? new URL(place) : undefined;
    const project = /^\/(?:projects|project)\/([\w-]+)\/rss$/.exec(url?.pathname ?? "")?.[1];
    if (!url || project === undefined) return undefined;
    const releases = parseSourceForgeRss(await readPage(place, context), { project, driver: context.driver });
    return { source: url.host, releases };
  },
};

/**
 * The driver's archives in a SourceForge RSS. Only its own few elements are read, by their names: each item has the
 * file's path as title, a pubDate and a media:content with its size.
 */
export function parseSourceForgeRss(
  rss: string,
  { project, driver }: { project: string; driver: string },
): Release[] {
  return [...rss.matchAll(/<item>([^]*?)<\/item>/g)].flatMap(([, item = ""]) => {
    const path = textOf(item, "title");
    const version = versionOfArchive(driver, path.split("/").at(-1) ?? "");
    if (version === undefined) return [];
    const published = new Date(textOf(item, "pubDate").replace(/\bUT$/, "UTC"));
    const sizeBytes = Number(/<media:content\b[^>]*\bfilesize="(\d+)"/.exec(item)?.[1] ?? 0);
    return [
      {
        driver,
        version,
        ...(Number.isNaN(published.getTime()) ? {} : { date: published.toISOString().slice(0, 10) }),
        urls: [`https://downloads.sourceforge.net/project/${project}${encodeURI(path)}`],
        ...(sizeBytes > 0 ? { sizeBytes } : {}),
        withdrawn: false,
      },
    ];
  });
}

function textOf(item: string, element: string): string {
  const found = new RegExp(`<${element}>\\s*(?:<!\\[CDATA\\[([^]*?)\\]\\]>|([^<]*))`).exec(item);
  return (found?.[1] ?? found?.[2] ?? "").trim();
}
