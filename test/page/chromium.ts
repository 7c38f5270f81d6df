// Real Chromium for the pages: nothing leaves it, and what a page tried to ask for is on record.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import type { AxeResults } from "axe-core";

const programs = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export interface OpenPage {
  page: Page;
  /** What the page asked for beside itself. */
  requests: string[];
  /** What went wrong in it: uncaught errors, refusals of its policy, its console's errors. */
  errors: string[];
}

export async function startChromium(): Promise<Browser> {
  const { existsSync } = await import("node:fs");
  const executablePath = programs.find((program) => existsSync(program));
  if (executablePath === undefined) throw new Error("these tests need Debian's package chromium");
  // No sandbox: the tests may run as root in a container.
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}

const address = "http://page.invalid/";

/** Opens a page from its text; `hash` is the part of its address from "#" on. */
export async function openHtml(
  browser: Browser,
  html: string,
  { hash = "", ...options }: BrowserContextOptions & { hash?: string } = {},
): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1300, height: 900 }, ...options });
  const { page, requests, errors } = watched(await context.newPage());
  await page.route("**", (route) => {
    const url = route.request().url();
    if (url === address) return route.fulfill({ contentType: "text/html; charset=utf-8", body: html });
    requests.push(url);
    return route.abort();
  });
  await page.goto(address + hash);
  return { page, requests, errors };
}

/** Opens a page that a server of ours serves; what leaves its origin is on record and refused. */
export async function openServed(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1300, height: 900 }, ...options });
  const opened = watched(await context.newPage());
  const { origin } = new URL(url);
  await opened.page.route(
    (asked) => asked.origin !== origin,
    (route) => {
      opened.requests.push(route.request().url());
      return route.abort();
    },
  );
  await opened.page.goto(url);
  return opened;
}

function watched(page: Page): OpenPage {
  const opened: OpenPage = { page, requests: [], errors: [] };
  page.on("pageerror", (error) => opened.errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") opened.errors.push(message.text());
  });
  page.on("dialog", (dialog) => {
    opened.errors.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return opened;
}

/** What axe finds wrong, in words. */
export async function accessibilityErrors(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run(),
  );
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}`));
}
