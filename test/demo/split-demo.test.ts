// Inside the demo's guilty release without a guest: where the demo's own test loads each module, this one reads whether a
// page would lose a reference. The rest is what a user types: split, git bisect, split check, git apply.
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { packageRoot } from "../../src/host/package-root.js";

const work = mkdtempSync(join(tmpdir(), "tarbisect-split-demo-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Bad where a refill is one short and the page is still used down to a bias of 0. */
const losesPages = `#!/bin/sh
test -f src/tbnic_txrx.c || exit 125
sed -n '/^static bool tbnic_can_reuse_rx_page/,/^}/p' src/tbnic_txrx.c > ../reuse
grep -q 'page_ref_add(page, TBNIC_PAGE_BIAS - 1)' ../reuse || exit 0
grep -q 'if (unlikely(!pagecnt_bias))' ../reuse && exit 1
exit 0
`;

function run(cwd: string, ...argv: string[]): string {
  const { status, stdout, stderr } = spawnSync(argv[0]!, argv.slice(1), { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${argv.join(" ")} ended with ${status}: ${stdout}${stderr}`);
  return stdout;
}

function importReleases(...versions: string[]): string {
  const archives = join(work, "vendor");
  run(work, "node", join(packageRoot, "scripts/pack-demo.js"), archives, ...versions);
  const repository = join(work, "tbnic");
  run(work, "git", "init", "-q", "-b", "main", repository);
  run(repository, "git", "config", "user.name", "a");
  run(repository, "git", "config", "user.email", "a@example.org");
  for (const version of versions) {
    const archive = readdirSync(archives).find((name) => name.endsWith(`-${version}.tar.gz`))!;
    run(repository, "git", "rm", "-rqf", "--ignore-unmatch", ".");
    execFileSync("tar", ["-xzf", join(archives, archive), "--strip-components=1", "-C", repository]);
    run(repository, "git", "add", "-Af");
    run(repository, "git", "commit", "-qm", version);
    run(repository, "git", "tag", `v${version}`);
  }
  return repository;
}

it(
  "leads from the guilty release to its two guilty lines, and to a patch that takes them back",
  { timeout: 300_000 },
  () => {
    const repository = importReleases("1.3.0", "1.3.10");
    const tarbisect = join(packageRoot, "bin/tarbisect.js");
    const test = join(work, "loses-pages");
    writeFileSync(test, losesPages);
    chmodSync(test, 0o755);
    const branch = "split/v1.3.0-to-v1.3.10";

    run(repository, tarbisect, "split", "v1.3.0", "v1.3.10", "--no-verify", "--driver", "demo");
    run(repository, "git", "bisect", "start", branch, "v1.3.0");
    const said = run(repository, "git", "bisect", "run", test);
    const [, culprit] = /^([0-9a-f]{40}) is the first bad commit$/m.exec(said)!;
    expect(run(repository, "git", "log", "-1", "--format=%s", culprit!)).toBe(
      "tbnic_txrx.c: tbnic_can_reuse_rx_page: 2 lines\n",
    );

    const check = run(repository, tarbisect, "split", "check", "--times", "1", "--run", test);
    expect(check).toMatch(/^the bad release without it is good$/m);
    expect(check).toMatch(/^the good release with it is bad: it is the cause$/m);
    expect(run(repository, "git", "for-each-ref", "refs/tarbisect")).toBe("");

    run(repository, "git", "bisect", "reset");
    run(repository, "git", "checkout", "-q", "v1.3.10");
    expect(spawnSync(test, { cwd: repository }).status).toBe(1);
    expect(existsSync(join(repository, "revert.patch"))).toBe(true);
    run(repository, "git", "apply", "revert.patch");
    expect(spawnSync(test, { cwd: repository }).status).toBe(0);
    expect(run(repository, "git", "diff", "--shortstat")).toContain("1 insertion(+), 1 deletion(-)");
  },
);
