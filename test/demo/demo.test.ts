// The README's first command, begun nearer to its end: real guests, real traffic, and git bisect names the release, the two
// lines of it that bring the bug, and what mends it. While it runs, the page of tarbisect watch follows it in a real browser;
// what documents show of it is what it prints.
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/host/package-root.js";
import { missingFrom, readSnippets } from "../docs/transcript.js";
import { openServed, startChromium } from "../page/chromium.js";

const limit = 1_800_000;
const children: ChildProcess[] = [];
let output = "";
let ended: Promise<number | null>;

beforeAll(() => {
  const demo = spawn("node", [join(packageRoot, "scripts/demo.js"), "--short"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(demo);
  for (const stream of [demo.stdout, demo.stderr]) stream.on("data", (piece) => (output += String(piece)));
  ended = once(demo, "close").then(([code]) => code as number | null);
});
afterAll(async () => {
  for (const child of children) child.kill("SIGINT");
  await ended;
});

/** The first group of a pattern in what the demo prints, once it is there. */
async function printed(pattern: RegExp): Promise<string> {
  for (;;) {
    const found = pattern.exec(output)?.[1];
    if (found !== undefined) return found;
    const code = await Promise.race([ended, sleep(200, undefined)]);
    if (code !== undefined && pattern.exec(output) === null)
      throw new Error(`the demo ended with ${code}:\n${output}`);
  }
}

describe("the demo", () => {
  it("is followed by a page while the target is under stress", { timeout: limit }, async () => {
    const evidence = await printed(/^evidence: (\S+)\n(?:.*\n)*?stress \.\.\.$/m);
    const watcher = spawn(join(packageRoot, "bin/tarbisect.js"), ["watch", "--http", "0"], {
      cwd: dirname(dirname(dirname(evidence))),
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(watcher);
    const [first] = (await once(watcher.stdout, "data")) as [Buffer];
    const browser = await startChromium();
    const { page, requests, errors } = await openServed(browser, /^http:\S+$/m.exec(first.toString())![0]);
    await page.locator("#current", { hasText: "on server" }).waitFor();
    const curve = page.locator("figure", { hasText: "available memory, bytes" }).locator("path.series");
    await curve.waitFor();
    await page.locator("#trials tr.good, #trials tr.bad").first().waitFor({ timeout: limit });
    expect({ requests, errors }).toEqual({ requests: [], errors: [] });
    await browser.close();
    watcher.kill("SIGKILL");
  });

  it(
    "names the release that counts its pages wrongly, with evidence and a report",
    { timeout: limit },
    async () => {
      expect(await ended, output).toBe(0);
      expect(output).toMatch(/^the bug came with v1\.3\.10; its evidence lay in \S+-v1\.3\.10-\S+$/m);
      expect(output).toMatch(/^tarbisect: 1\.3\.0 \(\w+\) is good: clean for \d+ packets; no failure/m);
      expect(output).toMatch(/^tarbisect: 1\.3\.10 \(\w+\) is bad: /m);
      const [page, mail] = ["page", "mail"].map(
        (what) => new RegExp(`^the ${what}: (\\S+)$`, "m").exec(output)![1]!,
      );
      expect(readFileSync(page!, "utf8")).toContain("tbnic_can_reuse_rx_page");
      expect(readFileSync(page!, "utf8")).toMatch(/<text class="tick verdict"[^>]*>bad</);
      const read = spawnSync(
        "python3",
        [
          "-c",
          "import email,email.policy,sys; m=email.message_from_binary_file(open(sys.argv[1],'rb'),policy=email.policy.default); print(m.get_content_type(), m['subject'])",
          mail!,
        ],
        { encoding: "utf8" },
      );
      expect(read.stdout).toMatch(/^multipart\/mixed tbnic 1\.3\.10: /);
      rmSync(dirname(page!), { recursive: true });
    },
  );

  it(
    "goes on inside it to the two guilty lines, and revert.patch makes the bad release good",
    { timeout: limit },
    async () => {
      expect(await ended, output).toBe(0);
      const [before, cut, checked, mended] = output.split(
        /^\$ (?:tarbisect split v|tarbisect split check|git show --stat)/m,
      ) as [string, string, string, string];
      expect(before.match(/^tarbisect: 1\.3\.10 \(\w+\) is bad: /gm)).toHaveLength(3);
      expect(cut).toMatch(/^every commit builds against kernel 6\.1\.\S+$/m);
      const [, culprit] = /^([0-9a-f]{40}) is the first bad commit$/m.exec(cut)!;
      expect(cut).toMatch(new RegExp(`^tarbisect: 1\\.3\\.0 \\(${culprit!.slice(0, 10)}\\) is bad: `, "m"));
      const lines = "tbnic_txrx.c: tbnic_can_reuse_rx_page: 2 lines";
      expect(checked).toContain(`\nculprit: ${culprit!.slice(0, 10)} ${lines}\n`);
      expect(checked).toMatch(
        /^the bad release without it is good\nthe good release with it is bad: it is the cause$/m,
      );
      expect(checked).toMatch(
        /^tarbisect: 1\.3\.0 \(\w+\) is good: clean for \d+ packets, which the bug survives/m,
      );
      expect(mended).toContain(" 1 file changed, 1 insertion(+), 1 deletion(-)\n");
      expect(mended).toMatch(
        /^tarbisect: 1\.3\.10 \(\w+\) is good: clean for \d+ packets, which the bug survives/m,
      );
    },
  );

  it("prints what the documents show of it", async () => {
    await ended;
    const documents = ["README.md", ...readdirSync(join(packageRoot, "docs")).map((name) => `docs/${name}`)];
    for (const document of documents) {
      const snippets = readSnippets(readFileSync(join(packageRoot, document), "utf8"));
      const shown = snippets.flatMap((one) =>
        one.kind === "transcript" && one.by === "demo" ? one.commands : [],
      );
      // Begun nearer to its end, the demo says another first release.
      const whole = output.replace("git bisect start v1.3.14 v1.2.6", "git bisect start v1.3.14 v1.0.2");
      expect([document, missingFrom(whole, shown)]).toEqual([document, []]);
    }
  });
});
