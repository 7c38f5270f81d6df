import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bad, crash, good, makeDriverRepository, writeTrial } from "../report/driver-repository.js";
import { accessibilityErrors, openHtml, startChromium } from "./chromium.js";

let browser: Browser;
let html: string;
const repository = makeDriverRepository();
beforeAll(async () => {
  browser = await startChromium();
  repository.git("bisect", "start", "v1.3", "v1.0");
  repository.git("bisect", "good", "v1.1");
  repository.git("bisect", "bad", "v1.2");
  writeTrial(repository, { tag: "v1.0", minute: 1, verdict: good });
  writeTrial(repository, { tag: "v1.1", minute: 20, verdict: good });
  writeTrial(repository, { tag: "v1.2", minute: 30, verdict: bad, log: crash });
  html = repository.tarbisect("report", "--format", "html");
});
afterAll(async () => {
  await browser.close();
  rmSync(join(repository.folder, ".."), { recursive: true });
});

describe("the page of a report", () => {
  it("tells the bisect, shows the culprit's diff side by side, and asks for nothing", async () => {
    const { page, requests, errors } = await openHtml(browser, html);
    expect(await page.locator("h1").textContent()).toBe(
      "nic 1.2: BUG: Bad page state in nic_poll, first bad since 1.1",
    );
    expect(await page.locator(".timeline li").allTextContents()).toEqual([
      "v1.0 good (1 good)",
      "v1.1 good (1 good)",
      "v1.2 first bad (1 bad)",
      "v1.3 bad",
    ]);
    const unit = page.locator('[id="src/rx.c:nic_can_reuse_rx_page"]');
    await unit.locator("table.side").waitFor();
    expect(await unit.locator("ins").allTextContents()).toEqual(["65534"]);
    await page.getByRole("button", { name: "side by side" }).click();
    await unit.locator("table.unified").waitFor();
    expect({ requests, errors }).toEqual({ requests: [], errors: [] });
  });

  it("draws what was measured, a line for each trial, and saves it as SVG and PNG", async () => {
    const { page, errors } = await openHtml(browser, html);
    expect(await page.locator("figcaption").allTextContents()).toEqual([
      "unaccountedKib, KiB",
      "rxPackets, packets",
    ]);
    const figure = page.locator("figure").first();
    expect(await figure.locator("path.series").count()).toBe(3);
    expect(await figure.locator("path.series.bad title").textContent()).toMatch(/^1\.2 .*, bad$/);
    const saved = async (name: string): Promise<Buffer> => {
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        figure.getByRole("button", { name }).click(),
      ]);
      return readFileSync(await download.path());
    };
    const svg = (await saved("save as SVG")).toString();
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^>]* width="760"/);
    expect(svg).toContain('stroke="rgb(');
    expect((await saved("save as PNG")).subarray(0, 4).toString("latin1")).toBe("\x89PNG");
    expect(errors).toEqual([]);
  });

  it.each(["light", "dark"] as const)("has no accessibility error in %s colours", async (colorScheme) => {
    for (const width of [1300, 390]) {
      const { page } = await openHtml(browser, html, { colorScheme, viewport: { width, height: 900 } });
      await page.locator("table.code").first().waitFor();
      expect(await accessibilityErrors(page)).toEqual([]);
      await page.context().close();
    }
  });

  it("goes from a suspect to its diff, and prints everything open", async () => {
    const { page } = await openHtml(browser, html);
    await page.locator('[id="src/ntuple.c:nic_add_ntuple"] summary').click(); // closes it
    await page.getByRole("link", { name: "nic_add_ntuple" }).click();
    await page.locator('[id="src/ntuple.c:nic_add_ntuple"] table').waitFor();
    await page.emulateMedia({ media: "print" });
    await page.locator("table.code.unified:visible").nth(1).waitFor();
    expect(await page.locator("table.code.side").count()).toBe(0);
    expect(await page.locator("button:visible").count()).toBe(0);
  });

  it("treats logs, commands and samples as text, whatever is in them", async () => {
    const bait = `</script></pre><img src=x onerror="alert(1)"><script>alert(2)</script>`;
    const folder = join(repository.folder, "hostile.log");
    writeFileSync(folder, crash.replace("bad_page+", `${bait} bad_page+`).replace("Example Inc.", bait));
    const text = repository.tarbisect("report", "v1.1", "v1.3", "--trace", "hostile.log", "--format", "html");
    const { page, requests, errors } = await openHtml(browser, text);
    await page.locator("table.code").first().waitFor();
    expect(await page.locator("pre", { hasText: 'onerror="alert(1)"' }).count()).toBe(1);
    expect(await page.locator("img, section script").count()).toBe(0);
    expect({ requests, errors }).toEqual({ requests: [], errors: [] });
  });

  it("of two releases without any clue shows the changed functions and names no suspect", async () => {
    const text = repository.tarbisect("report", "v1.3", "v1.4", "--format", "html");
    const { page } = await openHtml(browser, text);
    expect(await page.locator("h2").allTextContents()).toEqual([
      "The changed functions",
      "How to reproduce",
      "What changed, by topic",
      "Links",
    ]);
    expect(await page.locator("h3").allTextContents()).toEqual(["nic_can_reuse_rx_page"]);
  });
});
