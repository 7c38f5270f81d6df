import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { connect } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ensureArchive, ensureArchives } from "../../src/catalog/download.js";
import type { DownloadEvent, DownloadSettings } from "../../src/catalog/download.js";
import type { Release } from "../../src/catalog/release.js";
import { serveContent, startServer } from "./loopback-server.js";
import type { Handler, LoopbackServer } from "./loopback-server.js";

const archive = gzipSync(randomBytes(200_000));
const sha256 = createHash("sha256").update(archive).digest("hex");
const html = "<!DOCTYPE html>\n<html><body>Sign in</body></html>";

let cacheFolder = "";
let server: LoopbackServer | undefined;
let events: DownloadEvent[] = [];

beforeEach(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), "tarbisect-download-"));
  events = [];
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await rm(cacheFolder, { recursive: true });
});

async function serve(handler: Handler): Promise<string> {
  server = await startServer(handler);
  return server.base;
}

function release(urls: string[], more: Partial<Release> = {}): Release {
  return { driver: "own", version: "1.0", urls, withdrawn: false, ...more };
}

function settings(more: Partial<DownloadSettings> = {}): DownloadSettings {
  return { cacheFolder, pauseMs: 1, stallMs: 1000, onProgress: (event) => void events.push(event), ...more };
}

async function leftovers(): Promise<string[]> {
  const folder = join(cacheFolder, "archives/own");
  return existsSync(folder) ? (await readdir(folder)).sort() : [];
}

describe("a download", () => {
  it("ends in the cache, pinned, and is not asked for again", async () => {
    const url = `${await serve(serveContent(archive))}/own-1.0.tar.gz`;
    const got = await ensureArchive(release([url]), settings());
    expect(got).toEqual({
      path: join(cacheFolder, "archives/own/own-1.0.tar.gz"),
      sha256,
      sizeBytes: archive.length,
      url,
    });
    expect(JSON.parse(await readFile(join(cacheFolder, "tarbisect.lock"), "utf8"))).toEqual({
      own: { "1.0": { sha256, sizeBytes: archive.length, url } },
    });
    expect(await ensureArchive(release([url]), settings({ offline: true }))).toEqual(got);
    expect(server?.asked).toEqual(["GET /own-1.0.tar.gz"]);
    expect(await leftovers()).toEqual(["own-1.0.tar.gz"]);
    expect(events.map(({ kind }) => kind).filter((kind) => kind !== "receiving")).toEqual(["done", "cached"]);
  });

  it("goes on where the server cut it", async () => {
    let cuts = 2;
    const url = `${await serve((request, response) => {
      const start = Number(/(\d+)/.exec(request.headers.range ?? "")?.[1] ?? 0);
      if (cuts-- <= 0) return serveContent(archive)(request, response);
      response.writeHead(start > 0 ? 206 : 200, {
        etag: '"one"',
        "content-length": archive.length - start,
        ...(start > 0 ? { "content-range": `bytes ${start}-${archive.length - 1}/${archive.length}` } : {}),
      });
      response.write(archive.subarray(start, start + 50_000));
      setTimeout(() => response.destroy(), 400);
    })}/a`;
    expect(await ensureArchive(release([url]), settings())).toMatchObject({ sha256 });
    expect(server?.asked).toHaveLength(3);
    expect(server?.asked[1]).toMatch(/^GET \/a bytes=[1-9]\d*-$/);
    expect(events.filter(({ kind }) => kind === "retrying")).toHaveLength(2);
  });

  it("keeps what came with the headers of an answer that is cut at once", async () => {
    const url = `${await serve((request, response) => {
      if (request.headers.range !== undefined) return serveContent(archive)(request, response);
      response.writeHead(200, { etag: '"one"', "content-length": archive.length });
      response.write(archive.subarray(0, 40_000), () => response.destroy());
    })}/a`;
    expect(await ensureArchive(release([url]), settings())).toMatchObject({ sha256 });
    expect(server?.asked).toEqual(["GET /a", "GET /a bytes=40000-"]);
  });

  it("goes on by a date too, which a 206 does not repeat, after a cut right behind its headers", async () => {
    const date = "Wed, 01 Mar 2023 10:00:00 GMT";
    let answers = 0;
    const url = `${await serve((request, response) => {
      const start = Number(/(\d+)/.exec(request.headers.range ?? "")?.[1] ?? 0);
      const isAsked = request.headers["if-range"] === date;
      response.writeHead(isAsked ? 206 : 200, {
        ...(isAsked
          ? { "content-range": `bytes ${start}-${archive.length - 1}/${archive.length}` }
          : { "last-modified": date }),
        "content-length": archive.length - start,
      });
      answers++;
      if (answers === 1) response.write(archive.subarray(0, 40_000), () => response.destroy());
      else if (answers === 2) {
        response.flushHeaders();
        setTimeout(() => response.destroy(), 100);
      } else response.end(archive.subarray(start));
    })}/a`;
    expect(await ensureArchive(release([url]), settings())).toMatchObject({ sha256 });
    expect(server?.asked).toEqual(["GET /a", "GET /a bytes=40000-", "GET /a bytes=40000-"]);
  });

  it("goes on in the next run, and starts anew when the content has changed meanwhile", async () => {
    const changed = gzipSync(randomBytes(150_000));
    let run = 1;
    const url = `${await serve((request, response) => {
      if (run === 2) return serveContent(changed, '"two"')(request, response);
      response.writeHead(200, { etag: '"one"', "content-length": archive.length });
      response.write(archive.subarray(0, 50_000));
      setTimeout(() => response.destroy(), 400);
    })}/a`;
    await expect(ensureArchive(release([url]), settings({ attempts: 1 }))).rejects.toThrow(
      "the connection was cut",
    );
    expect((await leftovers()).every((name) => name.includes(".part"))).toBe(true);
    run = 2;
    const { path } = await ensureArchive(release([url]), settings());
    expect(await readFile(path)).toEqual(changed);
    expect(server?.asked[1]).toMatch(/^GET \/a bytes=/);
  });

  it("takes over the part that a killed process left", async () => {
    const url = `${await serve(serveContent(archive))}/a`;
    const { pid } = spawnSync("true"); // ended: its number belongs to nobody now
    const left = join(cacheFolder, `archives/own/own-1.0.${hostname()}.${pid}.part`);
    await mkdir(join(cacheFolder, "archives/own"), { recursive: true });
    await writeFile(left, archive.subarray(0, 60_000));
    await writeFile(`${left}.json`, JSON.stringify({ url, validator: '"one"' }));
    expect(await ensureArchive(release([url]), settings())).toMatchObject({ sha256 });
    expect(server?.asked).toEqual(["GET /a bytes=60000-"]);
    expect(await leftovers()).toEqual(["own-1.0.tar.gz"]);
  });

  it("never takes a part for the whole when the server lies about the length", async () => {
    const url = `${await serve((_, response) => {
      response.writeHead(200, { "content-length": 90_000 }).end(archive.subarray(0, 90_000));
    })}/a`;
    await expect(ensureArchive(release([url]), settings())).rejects.toThrow("ends too early");
    expect(await leftovers()).toEqual([]);
  });

  it("is not fooled by a server that sends less than it said", async () => {
    const url = `${await serve((_, response) => {
      response.writeHead(200, { "content-length": archive.length + 5 });
      response.write(archive, () => response.destroy());
    })}/a`;
    await expect(ensureArchive(release([url]), settings({ attempts: 2 }))).rejects.toMatchObject({
      blame: "harness",
      message: expect.stringContaining("the connection was cut (tried 2 times)") as string,
    });
  });

  it("gives up on a server that stalls, before and amid the content", async () => {
    const base = await serve((request, response) => {
      if (request.url === "/amid") response.writeHead(200, { "content-length": 9000 }).write("x");
    });
    const brief = settings({ attempts: 1, stallMs: 300 });
    for (const path of ["/before", "/amid"])
      await expect(ensureArchive(release([base + path]), brief)).rejects.toThrow("the server went silent");
  });

  it("follows redirects, but not in a loop and not out of http", async () => {
    const base = await serve((request, response) => {
      if (request.url === "/good") return serveContent(archive)(request, response);
      const to = request.url === "/moved" ? "/good" : request.url === "/out" ? "file:///etc/passwd" : "/loop";
      response.writeHead(302, { location: to }).end();
    });
    expect(await ensureArchive(release([`${base}/loop`, `${base}/moved`]), settings())).toMatchObject({
      sha256,
      url: `${base}/moved`,
    });
    expect(server?.asked.filter((line) => line.endsWith("/loop"))).toHaveLength(6);
    const out = release([`${base}/out`], { version: "2.0" });
    await expect(ensureArchive(out, settings())).rejects.toThrow("redirected to file: (not http)");
  });

  it("names an HTML page, an empty file and what is no archive", async () => {
    const base = await serve((request, response) => {
      response.end({ "/html": html, "/empty": "", "/text": "no archive" }[request.url ?? ""]);
    });
    await expect(
      ensureArchive(release([`${base}/html`, `${base}/empty`, `${base}/text`]), settings()),
    ).rejects.toThrow(
      [
        "cannot download own 1.0:",
        `  ${base}/html: an HTML page came instead of an archive`,
        `  ${base}/empty: an empty file came instead of an archive`,
        `  ${base}/text: what came is no archive`,
      ].join("\n"),
    );
    expect(await leftovers()).toEqual([]);
  });

  it("goes on to the next URL after a 404, and says that the vendor withdrew it when none is left", async () => {
    const base = await serve((request, response) =>
      request.url === "/mirror" ? serveContent(archive)(request, response) : response.writeHead(404).end(),
    );
    expect(await ensureArchive(release([`${base}/gone`, `${base}/mirror`]), settings())).toMatchObject({
      url: `${base}/mirror`,
    });
    const gone = release([`${base}/gone`, `${base}/too`], { version: "2.0" });
    await expect(ensureArchive(gone, settings())).rejects.toMatchObject({
      message: `the vendor withdrew own 2.0; it was looked for at:\n  ${base}/gone: HTTP 404\n  ${base}/too: HTTP 404`,
      hint: expect.stringContaining("--from") as string,
    });
  });

  it("asks a busy server again, as late as it says", async () => {
    let busy = 2;
    const base = await serve((request, response) =>
      busy-- > 0 ? response.writeHead(503).end() : serveContent(archive)(request, response),
    );
    expect(await ensureArchive(release([`${base}/a`]), settings())).toMatchObject({ sha256 });
    expect(events.flatMap((event) => (event.kind === "retrying" ? [event.waitMs] : []))).toEqual([1, 2]);
  });

  it("refuses what differs from the pin or the catalog, with both values", async () => {
    const base = await serve(serveContent(archive));
    const pinned = "1".repeat(64);
    const lock = { own: { "1.0": { sha256: pinned, sizeBytes: 5, url: "x" } } };
    await writeFile(join(cacheFolder, "tarbisect.lock"), JSON.stringify(lock));
    await expect(ensureArchive(release([`${base}/a`]), settings())).rejects.toThrow(
      `own 1.0 is not what it was: its sha256 is ${sha256}, tarbisect.lock says ${pinned}`,
    );
    const stated = release([`${base}/a`], { version: "2.0", sha256: "2".repeat(64) });
    await expect(ensureArchive(stated, settings())).rejects.toThrow(
      `its sha256 is ${sha256}, the catalog says ${"2".repeat(64)}`,
    );
    expect(await leftovers()).toEqual([]);
  });

  it("brings a damaged archive in the cache anew, and says so offline", async () => {
    const url = `${await serve(serveContent(archive))}/a`;
    const { path } = await ensureArchive(release([url]), settings());
    await writeFile(path, "damaged");
    await expect(ensureArchive(release([url]), settings({ offline: true }))).rejects.toThrow(
      "is not what it was",
    );
    expect(await ensureArchive(release([url]), settings())).toMatchObject({ sha256 });
  });

  it("asks the mirror in place of the vendor, and keeps the vendor's URL", async () => {
    const base = await serve(serveContent(archive));
    const url = "https://downloads.example.net/project/own%20stable/own-1.0.tar.gz";
    expect(await ensureArchive(release([url]), settings({ mirror: `${base}/` }))).toMatchObject({ url });
    expect(server?.asked).toEqual(["GET /project/own%20stable/own-1.0.tar.gz"]);
  });

  it("asks through a proxy, and does not wait for ever for one that hangs up", async () => {
    const base = await serve(serveContent(archive));
    const wanted: string[] = [];
    const proxy = createServer().on("connect", (request, socket: Socket, head: Buffer) => {
      wanted.push(request.url ?? "");
      if (request.url === "hang.invalid:80") return void socket.destroy();
      const target = connect(Number(new URL(base).port), "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        target.write(head);
        target.pipe(socket).pipe(target);
      });
      target.on("error", () => socket.destroy());
      socket.on("error", () => target.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const http = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const through = settings({ proxies: { http }, attempts: 1, stallMs: 200 });
    expect(await ensureArchive(release(["http://vendor.invalid/a"]), through)).toMatchObject({ sha256 });
    const hangs = release(["http://hang.invalid/a"], { version: "2.0" });
    await expect(ensureArchive(hangs, through)).rejects.toThrow("cannot download own 2.0");
    expect(wanted.slice(0, 2)).toEqual(["vendor.invalid:80", "hang.invalid:80"]);
    proxy.close();
  });

  it("uses an archive on this machine where it lies", async () => {
    const path = join(cacheFolder, "here.tar.gz");
    await writeFile(path, archive);
    const url = pathToFileURL(path).href;
    expect(await ensureArchive(release([url]), settings({ offline: true }))).toMatchObject({ path, sha256 });
    await expect(ensureArchive(release([`${url}.none`]), settings())).rejects.toThrow("cannot read");
  });
});

describe("many downloads", () => {
  it("come in their order, at most four at once", async () => {
    let [now, most] = [0, 0];
    let fourThere: () => void = () => undefined;
    const four = new Promise<void>((resolve) => (fourThere = resolve));
    const base = await serve((request, response) => {
      most = Math.max(most, ++now);
      if (now === 4) fourThere();
      // A fifth would come while the four are held.
      void four
        .then(() => new Promise((resolve) => setTimeout(resolve, 50)))
        .then(() => {
          now--;
          serveContent(archive)(request, response);
        });
    });
    const releases = Array.from({ length: 12 }, (_, at) =>
      release([`${base}/${at}`], { version: `1.${at}` }),
    );
    const archives = await ensureArchives(releases, settings());
    expect(archives).toMatchObject(releases.map(({ urls }) => ({ url: urls[0] })));
    expect(most).toBe(4);
  });

  it("leave a hole where no URL has a release any more, and bring the others", async () => {
    const base = await serve((request, response) =>
      request.url === "/gone" ? void response.writeHead(404).end() : serveContent(archive)(request, response),
    );
    const releases = ["a", "gone", "b"].map((name, at) =>
      release([`${base}/${name}`], { version: `1.${at}` }),
    );
    const [first, hole, last] = await ensureArchives(releases, settings());
    expect([first, last]).toMatchObject([{ sha256 }, { sha256 }]);
    expect((hole as Error).message).toContain(
      `the vendor withdrew own 1.1; it was looked for at:\n  ${base}/gone`,
    );
  });

  it("end at the first fault with its cause, not with the interruption of the others", async () => {
    const base = await serve((request, response) => {
      if (request.url === "/gone") setTimeout(() => response.writeHead(403).end(), 20);
      else response.writeHead(200).write(archive.subarray(0, 9));
    });
    const releases = ["a", "gone", "b"].map((name, at) =>
      release([`${base}/${name}`], { version: `1.${at}` }),
    );
    await expect(ensureArchives(releases, settings())).rejects.toThrow("cannot download own 1.1");
  });

  it("stop when the user interrupts, and keep what came", async () => {
    const stop = new AbortController();
    const base = await serve((_, response) => {
      response.writeHead(200, { etag: '"one"', "content-length": archive.length });
      response.write(archive.subarray(0, 50_000));
      setTimeout(() => stop.abort(), 100);
    });
    await expect(
      ensureArchive(release([`${base}/a`]), settings({ signal: stop.signal })),
    ).rejects.toMatchObject({ blame: "interrupted" });
    expect((await leftovers()).some((name) => name.endsWith(".part"))).toBe(true);
  });
});
