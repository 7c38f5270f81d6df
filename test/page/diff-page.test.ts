import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compareTrees } from "../../src/changes/compare-trees.js";
import { renderHtml } from "../../src/changes/change-html.js";
import type { ChangeSet } from "../../src/changes/change-set.js";
import { accessibilityErrors, openHtml, startChromium } from "./chromium.js";

const assets = {
  script: readFileSync(new URL("../../dist/page/diff.js", import.meta.url), "utf8").trim(),
  style: readFileSync(new URL("../../dist/page/page.css", import.meta.url), "utf8").trim(),
};

let browser: Browser;
beforeAll(async () => {
  browser = await startChromium();
});
afterAll(() => browser.close());

function tree(name: string, files: Record<string, string>) {
  return { name, files: new Map(Object.entries(files)) };
}

const filler = Array.from({ length: 20 }, (_, at) => `\tstep(${at});\n`).join("");
const changes = compareTrees(
  tree("1.0", {
    "src/rx.c": `/* a */\nint nic_rx(int budget)\n{\n${filler}\treturn budget;\n}\n\nint nic_poll(int budget)\n{\n\treturn nic_rx(budget);\n}\n`,
    "src/fdir.c":
      "int nic_fdir_add(int a)\n{\n\treturn a;\n}\n\nint nic_gone(void)\n{\n\treturn 1;\n}\n\n/* old */\nint nic_name(void)\n{\n\t/* old */\n\treturn 3;\n}\n",
  }),
  tree("1.1", {
    "src/rx.c": `/* a */\nint nic_rx(int budget)\n{\n${filler}\treturn budget - 1;\n}\n\nint nic_poll(int budget)\n{\n\treturn nic_rx(budget + 2);\n}\n`,
    "src/fdir.c":
      "int nic_fdir_add(int a)\n{\n\tif (a < 0)\n\t\treturn 0;\n\treturn a;\n}\n\n/* new */\nint nic_name(void)\n{\n\t/* new */\n\treturn 3;\n}\n",
  }),
  { "flow-director": { functions: ["*fdir*"], files: [] }, rx: { functions: ["*_rx", "*_poll"], files: [] } },
);
const html = renderHtml(changes, assets);

const shownNames = (page: Page): Promise<string[]> =>
  page.locator("details.unit:not([hidden]) h3").allTextContents();

describe("the page of a comparison", () => {
  it("shows every change by topic, draws the open ones, and asks for nothing", async () => {
    const { page, requests, errors } = await openHtml(browser, html);
    expect(await page.locator("section:not([hidden]) h2").allTextContents()).toEqual([
      "flow-director 1",
      "rx 2",
      "no topic 1",
    ]);
    expect(await shownNames(page)).toEqual(["nic_fdir_add", "nic_rx", "nic_poll", "nic_gone"]);
    await page.locator("table.code").nth(3).waitFor();
    expect(await page.locator("#shown").textContent()).toMatch(/^4 of \d shown$/);
    expect({ requests, errors }).toEqual({ requests: [], errors: [] });
  });

  it("hides what a filter leaves empty, also of many changes", async () => {
    const many = (value: number): string =>
      Array.from({ length: 250 }, (_, at) => `int nic_${at}(void)\n{\n\treturn ${value};\n}\n`).join("\n");
    const both = compareTrees(tree("1", { "many.c": many(0) }), tree("2", { "many.c": many(1) }));
    const { page } = await openHtml(browser, renderHtml(both, assets));
    const blocks = page.locator(".block:not([hidden])");
    expect(await blocks.count()).toBe(3);
    await page.fill("#name", "nic_249");
    expect(await shownNames(page)).toEqual(["nic_249"]);
    expect(await blocks.count()).toBe(1);
    await page.locator("details.unit:not([hidden]) summary").click();
    await page.locator("table.code").waitFor();
  });

  it("marks the words that differ, and hides unchanged lines behind a button", async () => {
    const { page } = await openHtml(browser, html, { hash: "#src/rx.c:nic_rx" });
    const unit = page.locator('[id="src/rx.c:nic_rx"]');
    expect(await unit.locator("ins").allTextContents()).toEqual([" - 1"]);
    expect(await unit.locator("tbody tr").count()).toBe(6);
    await unit.getByRole("button", { name: "unchanged lines" }).click();
    expect(await unit.locator("tbody tr").count()).toBe(24);
    expect(await unit.locator("tbody tr").nth(22).textContent()).toBe(
      "24\treturn budget;24\treturn budget - 1;",
    );
  });

  it("switches between side by side and unified, by button and key", async () => {
    const { page } = await openHtml(browser, html);
    await page.locator("table.code.side").nth(3).waitFor();
    await page.getByRole("button", { name: "side by side" }).click();
    await page.locator("table.code.unified").nth(3).waitFor();
    expect(await page.locator("table.code.side").count()).toBe(0);
    const rows = page.locator('[id="src/rx.c:nic_poll"] tbody tr');
    expect(await rows.allTextContents()).toEqual([
      "2727 int nic_poll(int budget)",
      "2828 {",
      "29-\treturn nic_rx(budget);",
      "29+\treturn nic_rx(budget + 2);",
      "3030 }",
    ]);
    await page.keyboard.press("s");
    await page.locator("table.code.side").nth(3).waitFor();
    expect(await page.locator("#side").getAttribute("aria-pressed")).toBe("true");
  });

  it("filters by name, topic, status, kind, file and changed lines", async () => {
    const { page } = await openHtml(browser, html);
    await page.locator("#name").fill("POLL");
    expect(await shownNames(page)).toEqual(["nic_poll"]);
    await page.locator("#name").fill("budget");
    expect(await shownNames(page)).toEqual([]);
    expect(await page.locator("#none").isVisible()).toBe(true);
    await page.getByLabel("search the changed lines too").check();
    expect(await shownNames(page)).toEqual(["nic_rx", "nic_poll"]);
    await page.locator("#name").fill("");
    await page.getByLabel("topic").selectOption("flow-director");
    expect(await shownNames(page)).toEqual(["nic_fdir_add"]);
    await page.getByLabel("topic").selectOption("all");
    await page.getByLabel("status").selectOption("removed");
    expect(await shownNames(page)).toEqual(["nic_gone"]);
    await page.getByLabel("status").selectOption("all");
    await page.locator("#file").selectOption("src/fdir.c");
    await page.getByLabel("kind").selectOption("function");
    expect(await shownNames(page)).toEqual(["nic_fdir_add", "nic_gone"]);
    await page.getByLabel("with comments, blanks and moves").check();
    expect(await shownNames(page)).toEqual(["nic_fdir_add", "nic_gone", "nic_name"]);
  });

  it("goes to the function that a link names, also when it is folded away or filtered out", async () => {
    const { page } = await openHtml(browser, html, { hash: "#src/fdir.c:nic_name" });
    const unit = page.locator('[id="src/fdir.c:nic_name"]');
    expect(await unit.locator("table").isVisible()).toBe(true);
    await page.locator("#name").fill("poll");
    await page
      .locator('[id="src/rx.c:nic_poll"]')
      .getByRole("link", { name: "nic_rx" })
      .evaluate((link: { click: () => void }) => link.click());
    expect(page.url()).toMatch(/#src%2Frx\.c%3Anic_rx$/);
    await page.locator('[id="src/rx.c:nic_rx"] table').waitFor();
    expect(await page.locator("#name").inputValue()).toBe("");
    await page.goto("http://page.invalid/#%E0%A4%A"); // a broken escape is no error
  });

  it("is read by keys: j, k, o, O, /, ?, Escape", async () => {
    const { page, errors } = await openHtml(browser, html);
    const focused = (): Promise<unknown> =>
      page.evaluate("document.activeElement.querySelector('h3')?.textContent");
    await page.keyboard.press("j");
    expect(await focused()).toBe("nic_fdir_add");
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    expect(await focused()).toBe("nic_rx");
    const unit = page.locator('[id="src/rx.c:nic_rx"]');
    await page.keyboard.press("o");
    expect(await unit.getAttribute("open")).toBeNull();
    await page.keyboard.press("O");
    expect(await page.locator("details.unit[open]").count()).toBe(0);
    await page.keyboard.press("/");
    await page.keyboard.type("jokes");
    expect(await page.locator("#name").inputValue()).toBe("jokes");
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    expect(await page.locator("#help").isVisible()).toBe(true);
    await page.keyboard.press("Escape");
    expect(await page.locator("#help").isVisible()).toBe(false);
    expect(errors).toEqual([]);
  });

  it.each(["light", "dark"] as const)(
    "has no accessibility error in %s colours",
    async (colorScheme) => {
      for (const width of [1300, 390]) {
        const { page } = await openHtml(browser, html, { colorScheme, viewport: { width, height: 900 } });
        await page.locator("table.code").first().waitFor();
        expect(await accessibilityErrors(page)).toEqual([]);
        await page.locator("#side").click();
        await page.locator("summary", { hasText: "the changed files" }).click();
        await page.getByLabel("with comments, blanks and moves").check();
        await page.locator("table.code").first().waitFor();
        expect(await accessibilityErrors(page)).toEqual([]);
        await page.getByRole("button", { name: "keys" }).click();
        expect(await accessibilityErrors(page)).toEqual([]);
        await page.context().close();
      }
    },
    240_000,
  );

  it("follows the system's colours until the reader chooses", async () => {
    const { page } = await openHtml(browser, html, { colorScheme: "dark" });
    const ground = (): Promise<unknown> => page.evaluate("getComputedStyle(document.body).backgroundColor");
    expect(await ground()).toBe("rgb(15, 19, 24)");
    await page.getByRole("button", { name: "colours: system" }).click();
    expect(await ground()).toBe("rgb(255, 255, 255)");
    await page.reload();
    expect(await page.locator("#theme").textContent()).toBe("colours: light");
    expect(await ground()).toBe("rgb(255, 255, 255)");
  });

  it("prints what is shown, open and in light colours, without its controls", async () => {
    const { page } = await openHtml(browser, html, { colorScheme: "dark" });
    await page.keyboard.press("O");
    await page.locator("#name").fill("rx");
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    await page.locator("table.code:visible").first().waitFor();
    expect(await page.locator("table.code:visible caption").allTextContents()).toEqual(["lines of nic_rx"]);
    expect(await page.locator("#filters").isVisible()).toBe(false);
    expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
  });

  it("treats names, files, topics, conditions and code as text, whatever is in them", async () => {
    const bad = `</script><img src=x onerror="alert(1)"><!-- <script> ' \u202e \u0000`;
    const hostile: ChangeSet = {
      ...changes,
      old: `1.0${bad}`,
      units: changes.units.map((unit) => ({
        ...unit,
        name: unit.name + bad,
        file: `src/${bad}.c`,
        topics: [bad],
        condition: bad,
        callers: [bad],
        newText: `${unit.newText}\n${bad}`,
      })),
      problems: [{ path: bad, line: 1, message: bad }],
      files: changes.files.map((file) => ({ ...file, file: bad })),
    };
    const { page, requests, errors } = await openHtml(browser, renderHtml(hostile, assets));
    await page.locator("table.code").first().waitFor();
    await page.locator("#file").selectOption({ index: 1 });
    expect((await shownNames(page)).length).toBe(4);
    expect(await page.locator("img, script:not(#data):not(body > script)").count()).toBe(0);
    expect(
      await page.locator("td", { hasText: `</script><img src=x onerror="alert(1)">` }).count(),
    ).toBeGreaterThan(0);
    expect(await page.content()).not.toContain("\u202e");
    expect({ requests, errors }).toEqual({ requests: [], errors: [] });
  });

  it("draws of 2000 open functions only what is near the window", async () => {
    const [unit] = changes.units.filter(({ name }) => name === "nic_rx");
    const many = Array.from({ length: 2000 }, (_, at) => ({ ...unit!, name: `nic_rx_${at}` }));
    const { page } = await openHtml(browser, renderHtml({ ...changes, units: many }, assets));
    await page.keyboard.press("O");
    await page.locator("table.code").first().waitFor();
    expect(await page.locator("details.unit[open]").count()).toBe(2000);
    expect(await page.locator("table.code").count()).toBeLessThan(60);
    await page.locator("#name").fill("nic_rx_1999");
    expect(await shownNames(page)).toEqual(["nic_rx_1999"]);
    await page.locator('[id="src/rx.c:nic_rx_1999"] table').waitFor();
  });
});
