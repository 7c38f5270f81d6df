// The page that follows a bisect, in a real browser, while a real step runs.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startBisect } from "../launcher/bisected-repository.js";
import { launcher } from "../launcher/stub-package.js";
import { accessibilityErrors, openServed, startChromium } from "./chromium.js";

const bait = `</script><img src=x onerror=alert(1)><script>alert(2)</script>`;
const releases = Array.from({ length: 6 }, (_, at) => ({ "driver.c": `int x = ${at};\n` }));
const repository = startBisect(releases);
const go = join(dirname(repository), "go");
const evidence = join(repository, ".tarbisect/evidence");
let browser: Browser;
let step: ChildProcess;
let watcher: ChildProcess;
let url: string;

function startStep(): ChildProcess {
  return spawn(launcher, ["step"], { cwd: repository, stdio: "ignore" });
}

/** One more line of samples in the folder of the trial that runs, as the watch of a target writes it. */
function addSample(atMs: number, mebibytes: number): void {
  const sample = {
    uptimeSeconds: 60 + atMs / 1000,
    memory: {},
    unaccountedBytes: mebibytes * 2 ** 20,
    nics: {},
  };
  const folder = readdirSync(evidence).sort().at(-1)!;
  appendFileSync(
    join(evidence, folder, "samples.jsonl"),
    `${JSON.stringify({ atMs, stage: "stress", full: true, sample })}\n`,
  );
}

beforeAll(async () => {
  const stress = `until [ -e ${go} ]; do sleep 0.1; done; echo ${JSON.stringify(`error: ${bait}`)}; exit 1`;
  const settings = { build: { run: "true" }, stress: { run: stress } };
  writeFileSync(join(dirname(repository), "tarbisect.yaml"), JSON.stringify(settings));
  writeFileSync(go, "");
  browser = await startChromium();
  await once(startStep(), "close");
  rmSync(go);
  step = startStep();
  watcher = spawn(launcher, ["watch", "--http", "0"], {
    cwd: repository,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [first] = (await once(watcher.stdout!, "data")) as [Buffer];
  url = /^http:\/\/127\.0\.0\.1:\d+\/$/m.exec(first.toString())![0];
});
afterAll(async () => {
  watcher.kill("SIGKILL");
  step.kill("SIGKILL");
  await browser.close();
  await sleep(300);
  rmSync(dirname(repository), { recursive: true, force: true });
});

/** The status of an answer to a request with these headers; of a stream, its head. */
function statusFor(headers: Record<string, string>, path = "/", method = "GET"): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, url), { headers, method }, (response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    asked.on("error", reject).end();
  });
}

describe("the page of a running bisect", () => {
  it("shows stage, curve and verdicts as they come, asks only its own server, and takes texts as texts", async () => {
    const { page, requests, errors } = await openServed(browser, url);
    await page.locator("#current", { hasText: "stress for" }).waitFor();
    expect(await page.locator("#bisect").textContent()).toMatch(
      /^bisect from v1\.0 \(good\) to v1\.5 \(bad\): /,
    );
    expect(await page.locator("#trials tr.bad").first().textContent()).toContain(`error: ${bait}`);
    expect(await page.locator("img, section script").count()).toBe(0);

    addSample(0, 10);
    addSample(1000, 20);
    const curve = page.locator("figure", { hasText: "unaccounted memory, bytes" }).locator("path.series");
    await curve.waitFor();
    const short = (await curve.getAttribute("d"))!;
    for (let second = 2; second < 8; second++) addSample(second * 1000, 10 + second * second);
    await expect
      .poll(async () => (await curve.getAttribute("d"))!.length, { timeout: 20_000 })
      .toBeGreaterThan(short.length);

    writeFileSync(go, "");
    await page.locator("#current", { hasText: "no step runs" }).waitFor();
    expect(await page.locator("#trials tr.bad").count()).toBe(2);
    expect({ requests, errors }).toEqual({ requests: [], errors: [] });
  });

  it.each(["light", "dark"] as const)("has no accessibility error in %s colours", async (colorScheme) => {
    const { page } = await openServed(browser, url, { colorScheme });
    await page.locator("#trials tr").first().waitFor();
    expect(await accessibilityErrors(page)).toEqual([]);
    await page.context().close();
  });

  it("answers only to its own names, reads only, and lets no other site follow it", async () => {
    const { port } = new URL(url);
    expect(await statusFor({ host: `localhost:${port}` })).toBe(200);
    expect(await statusFor({ host: `127.0.0.1:9999` }, "/events")).toBe(200);
    for (const host of ["evil.example", `evil.example:${port}`, "127.0.0.1.evil.example"])
      expect(await statusFor({ host }, "/events")).toBeGreaterThanOrEqual(400);
    expect(await statusFor({ "sec-fetch-site": "same-site" }, "/events")).toBe(403);
    expect(await statusFor({ "sec-fetch-site": "cross-site" }, "/events")).toBe(403);
    expect(await statusFor({}, "/", "POST")).toBe(405);
    expect(await statusFor({}, "/../../etc/passwd")).toBe(404);
  });

  it("says when its server is gone", async () => {
    const { page } = await openServed(browser, url);
    await page.locator("#state", { hasText: "seen at" }).waitFor();
    watcher.kill("SIGKILL");
    await page.locator("#state", { hasText: "does not answer" }).waitFor();
    expect(await page.locator("#trials tr").count()).toBe(2);
  });
});
