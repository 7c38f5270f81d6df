import { execFileSync } from "node:child_process";
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { versionOfArchive, versionOfName } from "../../src/catalog/archive-name.js";
import { ensureArchive } from "../../src/catalog/download.js";
import { mergeListings } from "../../src/catalog/merge-listings.js";
import { openNetwork } from "../../src/catalog/network.js";
import { openSource } from "../../src/catalog/open-source.js";
import type { Release } from "../../src/catalog/release.js";
import type { Listing } from "../../src/catalog/source.js";
import { startServer } from "./loopback-server.js";

let folder = "";
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "tarbisect-sources-"))));
afterAll(() => rm(folder, { recursive: true }));

async function list(place: string, driver = "i40e"): Promise<Listing> {
  const network = openNetwork({ stallMs: 2000 });
  try {
    return await openSource(place, { driver, network });
  } finally {
    await network.close();
  }
}

async function listPage(path: string, page: string): Promise<readonly Release[]> {
  const server = await startServer((_, response) => void response.end(page));
  try {
    return (await list(server.base + path)).releases;
  } finally {
    await server.close();
  }
}

describe("names", () => {
  it.each([
    ["i40e-2.12.6.tar.gz", "2.12.6"],
    ["i40e-2.10.19.82.tgz", "2.10.19.82"],
    ["i40evf-2.0.0.tar.gz", undefined],
    ["i40e-2.12.6.tar.gz.sig", undefined],
    ["i40e-latest.zip", undefined],
    ["i40e-$(id).tar.gz", undefined],
  ])("%s: %s", (name, version) => {
    expect(versionOfArchive("i40e", name)).toBe(version);
  });

  it("are read from tags and from a subject that holds a path", () => {
    expect(versionOfName("igb", "v5.10.2")).toBe("5.10.2");
    expect(versionOfName("igb", "stable/5.3.5.22s/igb-5.3.5.22s.tar.gz")).toBe("5.3.5.22s");
    expect(versionOfName("igb", "kernels")).toBeUndefined();
  });
});

describe("sources", () => {
  it("a folder of archives, and one archive", async () => {
    await mkdir(join(folder, "archives"));
    for (const name of ["i40e-2.4.10.tar.gz", "i40e-2.4.6.tar.gz", "README", "igb-1.0.0.tar.gz"])
      await writeFile(join(folder, "archives", name), gzipSync(name));
    const { releases } = await list(join(folder, "archives"));
    expect(releases.map(({ version }) => version).sort()).toEqual(["2.4.10", "2.4.6"]);
    const one = await list(join(folder, "archives/i40e-2.4.6.tar.gz"));
    expect(one.releases).toEqual([releases.find(({ version }) => version === "2.4.6")]);
  });

  it("a git mirror: one commit per release, twice, with a path; its archive is the commit's tree", async () => {
    const mirror = join(folder, "mirror");
    const git = (...args: string[]): string =>
      execFileSync("git", ["-C", mirror, ...args], {
        encoding: "utf8",
        env: {
          ...process.env,
          GIT_AUTHOR_DATE: "2020-07-03T00:00:00Z",
          GIT_COMMITTER_DATE: "2020-07-03T00:00:00Z",
        },
      });
    execFileSync("git", ["init", "-q", mirror]);
    git("config", "user.name", "x");
    git("config", "user.email", "x@example.net");
    await writeFile(join(mirror, ".gitattributes"), "kept.c export-ignore\n* text eol=crlf\n");
    await writeFile(join(mirror, "kept.c"), "int a;\n");
    git("add", "-A");
    git("commit", "-qm", "Version 1.0.1");
    for (const subject of [
      "Intel official release stable/1.0.2s/own-1.0.2s.tar.gz",
      "Fix CI",
      "Release 1.0.2s",
    ])
      git("commit", "-q", "--allow-empty", "-m", subject);
    const { releases } = await list(mirror, "own");
    const head = git("rev-parse", "HEAD").trim();
    expect(releases).toEqual([
      {
        driver: "own",
        version: "1.0.2s",
        date: "2020-07-03",
        urls: [`git+file://${mirror}#${head}`],
        withdrawn: false,
      },
      expect.objectContaining({ version: "1.0.1" }),
    ]);
    const cacheFolder = join(folder, "cache");
    const archive = await ensureArchive(releases[0]!, { cacheFolder });
    const text = execFileSync("tar", ["xOf", archive.path, "own-1.0.2s/kept.c"], { encoding: "utf8" });
    expect(text).toBe("int a;\n");
    expect(await ensureArchive(releases[0]!, { cacheFolder })).toEqual(archive);
  });

  it("a SourceForge project's RSS", async () => {
    const item = (path: string): string => `<item>
      <title><![CDATA[${path}]]></title>
      <link>https://sourceforge.net/projects/e1000/files${encodeURI(path)}/download</link>
      <pubDate>Fri, 03 Jul 2020 21:14:03 UT</pubDate>
      <media:content xmlns:media="http://video.search.yahoo.com/mrss/" type="application/x-gzip" url="x" filesize="598477"><media:hash algo="md5">d41d8cd98f00b204e9800998ecf8427e</media:hash></media:content>
    </item>`;
    const rss = `<rss><channel>${item("/i40e stable/2.12.6/i40e-2.12.6.tar.gz")}${item("/i40e stable/2.12.6/README")}</channel></rss>`;
    const mirrored = await listPage(
      "/projects/e1000/rss",
      rss.replaceAll("https://sourceforge.net", "http://127.0.0.1:8080"),
    );
    expect(mirrored[0]?.urls).toEqual([
      "http://127.0.0.1:8080/projects/e1000/files/i40e%20stable/2.12.6/i40e-2.12.6.tar.gz/download",
    ]);
    expect(await listPage("/projects/e1000/rss?path=/i40e%20stable", rss)).toEqual([
      {
        driver: "i40e",
        version: "2.12.6",
        date: "2020-07-03",
        urls: ["https://downloads.sourceforge.net/project/e1000/i40e%20stable/2.12.6/i40e-2.12.6.tar.gz"],
        sizeBytes: 598477,
        withdrawn: false,
      },
    ]);
  });

  it("a GitHub project's releases", async () => {
    const at = "https://github.com/intel/ethernet-linux-i40e";
    const asset = {
      name: "i40e-2.26.8.tar.gz",
      browser_download_url: `${at}/releases/download/v2.26.8/i40e-2.26.8.tar.gz`,
    };
    const sha256 = "a".repeat(64);
    const json = JSON.stringify([
      {
        tag_name: "v2.26.8",
        published_at: "2024-08-28T01:02:03Z",
        assets: [{ ...asset, size: 7, digest: `sha256:${sha256}` }],
      },
      { tag_name: "v2.4.6", published_at: null, assets: [] },
      { tag_name: "v9.9.9", draft: true, assets: [] },
      { tag_name: "nightly", assets: [] },
    ]);
    expect(await listPage("/repos/intel/ethernet-linux-i40e/releases?per_page=100", json)).toEqual([
      {
        driver: "i40e",
        version: "2.26.8",
        date: "2024-08-28",
        urls: [asset.browser_download_url, `${at}/archive/refs/tags/v2.26.8.tar.gz`],
        sha256,
        sizeBytes: 7,
        withdrawn: false,
      },
      { driver: "i40e", version: "2.4.6", urls: [`${at}/archive/refs/tags/v2.4.6.tar.gz`], withdrawn: false },
    ]);
    await expect(listPage("/repos/a/b/releases", "<html>")).rejects.toThrow("no list of releases of a/b");
  });

  it("a page that links to archives", async () => {
    const page = `<a href="../">up</a> <a href='i40e-2.4.6.tar.gz'>x</a> <A class=y HREF="/b/i40e-2.4.10.tar.gz/download">y</A>
      <a href="javascript:alert(1)/i40e-1.0.tar.gz">z</a> <a href="i40e-2.4.6.zip">again</a>`;
    const releases = await listPage("/a/", page);
    expect(releases.map(({ version, urls }) => [version, urls[0]?.replace(/^http:\/\/[^/]+/, "")])).toEqual([
      ["2.4.6", "/a/i40e-2.4.6.tar.gz"],
      ["2.4.10", "/b/i40e-2.4.10.tar.gz/download"],
    ]);
  });

  it("what is none is told, and so is one without a release of the driver", async () => {
    await expect(list(join(folder, "none"))).rejects.toMatchObject({ blame: "usage" });
    await expect(list(join(folder, "archives"), "ice")).rejects.toThrow("holds no release of ice");
  });
});

describe("merged listings", () => {
  const release = (version: string, more: Partial<Release> = {}): Release => ({
    driver: "own",
    version,
    urls: [`https://example.net/${version}`],
    withdrawn: false,
    ...more,
  });

  it("come in numeric order, with holes and differences named", () => {
    const merged = mergeListings([
      {
        source: "catalog",
        releases: [
          release("2.4.10", { date: "2018-06-08", sha256: "a" }),
          release("2.4.6"),
          release("2.13.10", { withdrawn: true }),
        ],
      },
      {
        source: "folder",
        releases: [release("2.4.10", { urls: ["file:///x"], date: "2018-11-08", sha256: "b" })],
      },
    ]);
    expect(merged.map(({ version, missingFrom }) => [version, ...missingFrom])).toEqual([
      ["2.4.6", "folder"],
      ["2.4.10"],
      ["2.13.10", "folder"],
    ]);
    expect(merged[1]).toMatchObject({
      date: "2018-06-08",
      urls: ["https://example.net/2.4.10", "file:///x"],
      sources: ["catalog", "folder"],
      difference: "sha256: catalog a, folder b",
    });
    expect(merged[2]?.withdrawn).toBe(true);
  });
});
