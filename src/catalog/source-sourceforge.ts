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
    const rss = await readPage(place, context);
    const releases = parseSourceForgeRss(rss, { base: place, project, driver: context.driver });
    return { source: url.host, releases };
  },
};

/**
 * The driver's archives in a SourceForge RSS. Only its own few elements are read, by their names: each item has the
 * file's path as title, its page as link, a pubDate and a media:content with its size. `base` is the RSS' own URL.
 */
export function parseSourceForgeRss(
  rss: string,
  { base, project, driver }: { base: string; project: string; driver: string },
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
        urls: urlsOf(textOf(item, "link"), { base, project, path }),
        ...(sizeBytes > 0 ? { sizeBytes } : {}),
        withdrawn: false,
      },
    ];
  });
}

/** SourceForge's file pages lead to its download host by way of a page that waits; a mirror of it has its own links. */
function urlsOf(link: string, file: { base: string; project: string; path: string }): string[] {
  const atSourceForge = `https://downloads.sourceforge.net/project/${file.project}${encodeURI(file.path)}`;
  if (link === "" || !URL.canParse(link, file.base)) return [atSourceForge];
  const { protocol, hostname, href } = new URL(link, file.base);
  const isMirror = /^https?:$/.test(protocol) && !/(^|\.)sourceforge\.net$/.test(hostname);
  return [isMirror ? href : atSourceForge];
}

function textOf(item: string, element: string): string {
  const found = new RegExp(`<${element}>\\s*(?:<!\\[CDATA\\[([^]*?)\\]\\]>|([^<]*))`).exec(item);
  return (found?.[1] ?? found?.[2] ?? "").trim();
}
