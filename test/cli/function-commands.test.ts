import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const launcher = new URL("../../bin/tarbisect.js", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "tarbisect-log-"));
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: string[]): string {
  return execFileSync(launcher, args, { cwd: folder, encoding: "utf8" });
}

function release(version: string, day: string, text: string): void {
  const git = (...args: string[]): void =>
    void execFileSync("git", ["-c", "user.name=A", "-c", "user.email=a@example.org", ...args], {
      cwd: folder,
      env: { ...process.env, GIT_COMMITTER_DATE: `${day}T00:00:00Z`, GIT_AUTHOR_DATE: `${day}T00:00:00Z` },
    });
  writeFileSync(join(folder, "src/nic.c"), text);
  git("add", ".");
  git("commit", "-qm", version);
  git("tag", `v${version}`);
}

function body(factor: number): string {
  return `(struct ring *ring)\n{\n\tint i;\n\n\tfor (i = 0; i < ring->count; i++)\n\t\tring->next[i] = i * ${factor};\n}\n`;
}

beforeAll(() => {
  mkdirSync(join(folder, "src"));
  execFileSync("git", ["init", "-q"], { cwd: folder });
  release("1.9", "2020-01-01", `static void nic_fill_udpv4${body(1)}`);
  release("1.10", "2020-02-01", `/* fills */\nstatic void nic_fill_udp${body(2)}`);
  release("1.11", "2020-03-01", `/* fills */\nstatic void nic_fill_udp${body(2)}int nic_other;\n`);
  release("1.12", "2020-04-01", `/* fills */\nstatic void nic_fill_udp${body(3)}int nic_other;\n`);
});

describe("the commands on one function", () => {
  it("log follows a rename through the releases, in the order of their numbers", () => {
    expect(run("log", "nic_fill_udp", "--stat")).toBe(
      "v1.12 2020-04-01 src/nic.c:2 function nic_fill_udp, changed: body, +1 -1\n" +
        "v1.10 2020-02-01 src/nic.c:2 function nic_fill_udp (was nic_fill_udpv4), renamed 95 % alike: signature, body, +2 -2\n" +
        "v1.9 2020-01-01 src/nic.c:1 function nic_fill_udpv4, added, +7 -0\n",
    );
    expect(run("log", "nic_fill_udp")).toContain(
      "-\t\tring->next[i] = i * 2;\n+\t\tring->next[i] = i * 3;\n",
    );
  });

  it("show prints the definition with its comment", () => {
    expect(run("show", "nic_fill_udp", "1.10")).toContain(
      "/* fills */\nstatic void nic_fill_udp(struct ring *ring)\n",
    );
  });

  it("functions lists them with their places", () => {
    expect(run("functions", "v1.12")).toBe("src/nic.c:2-8 nic_fill_udp\n");
    expect(JSON.parse(run("functions", "v1.12", "--json"))).toMatchObject({
      schemaVersion: 1,
      functions: [{ name: "nic_fill_udp", file: "src/nic.c", startLine: 2, endLine: 8, condition: "" }],
    });
  });
});
