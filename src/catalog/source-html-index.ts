import { versionOfArchive } from "./archive-name.js";
import { readPage } from "./listing-page.js";
import type { Release } from "./release.js";
import type { SourceKind } from "./source.js";

/** Any page that links to archives, such as a web server's index of a folder. */
export const htmlIndexSource: SourceKind = {
  name: "a page that links to archives",
  async tryOpen(place, context) {
    if (!URL.canParse(place) || !/^https?:$/.test(new URL(place).protocol)) return undefined;
    const page = await readPage(place, context);
    return {
      source: new URL(place).host,
      releases: parseHtmlIndex(page, { base: place, driver: context.driver }),
    };
  },
};

/** The driver's archives that a page links to, each version once; `base` is the page's own URL. */
export function parseHtmlIndex(page: string, { base, driver }: { base: string; driver: string }): Release[] {
  const found = new Map<string, Release>();
  for (const [, , quoted] of page.matchAll(/<a\b[^>]*?\bhref\s*=\s*(["'])(.*?)\1/gi)) {
    const href = (quoted ?? "").replaceAll("&amp;", "&");
    if (!URL.canParse(href, base)) continue;
    const url = new URL(href, base);
    if (!/^https?:$/.test(url.protocol)) continue;
    // SourceForge's file pages link to .../i40e-2.12.6.tar.gz/download
    const name = decode(
      url.pathname
        .replace(/\/download$/, "")
        .split("/")
        .at(-1) ?? "",
    );
    const version = versionOfArchive(driver, name);
    if (version !== undefined && !found.has(version))
      found.set(version, { driver, version, urls: [url.href], withdrawn: false });
  }
  return [...found.values()];
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
