// Identical targets are held to it, and share what the ends of their bisect have taught.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { endpointKnowledge } from "../../src/step/endpoint-knowledge.js";
import { parseEnvironment } from "../../src/step/environment.js";
import { expectSameEnvironment } from "../../src/step/environment-record.js";
import type { KeptTrial } from "../../src/step/kept-trials.js";
import { releaseRepository } from "../launcher/bisected-repository.js";

const folder = mkdtempSync(join(tmpdir(), "tarbisect-twins-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a twin's environment", () => {
  const text = (root: string, kernel: string, kib: number): string =>
    `== kernel\n${kernel}\n== cmdline\nroot=${root} quiet\n== memory\nMemTotal: ${kib} kB\n== tainted\n0\n`;
  const server = { name: "server", record: join(folder, "server.json") };
  const at = { record: server.record, bisect: "b", wanted: {}, twin: undefined };
  const twinAt = { ...at, record: join(folder, "server2.json"), twin: server };

  it("may name another disk, and nothing else", async () => {
    // The first one has not said yet what it is.
    await expectSameEnvironment(parseEnvironment(text("sda", "6.1.0", 16_000_000)), twinAt);
    rmSync(twinAt.record);
    await expectSameEnvironment(parseEnvironment(text("sda", "6.1.0", 16_000_000)), at);
    await expectSameEnvironment(parseEnvironment(text("sdb", "6.1.0", 16_000_100)), twinAt);
    const other = parseEnvironment(text("sdb", "6.1.1", 8_000_000));
    await expect(expectSameEnvironment(other, twinAt)).rejects.toMatchObject({
      blame: "harness",
      message:
        'the target is not identical to server: kernel is "6.1.0" there and "6.1.1" here; ' +
        'memory is "16000000 KiB" there and "8000000 KiB" here',
    });
  });

  it("is not compared with that of another bisect", async () => {
    const other = parseEnvironment(text("sdb", "6.1.1", 8_000_000));
    const later = { ...twinAt, bisect: "c" };
    await expect(expectSameEnvironment(other, later)).resolves.toBeUndefined();
  });
});

describe("what the ends have taught", () => {
  it("holds for every twin under the same load, and for no other machine", async () => {
    const repository = releaseRepository([
      { "a.c": "int a;\n" },
      { "a.c": "int b;\n" },
      { "a.c": "int c;\n" },
    ]);
    const [good, middle, bad] = ["v1.0", "v1.1", "v1.2"].map((tag) =>
      execFileSync("git", ["rev-parse", `${tag}^{commit}`], { cwd: repository, encoding: "utf8" }).trim(),
    ) as [string, string, string];
    const settingsOf = (target: string, peer: string, address: string): Record<string, unknown> => ({
      target,
      peers: [peer],
      twins: ["one", "two"].filter((name) => name !== target),
      configure: [{ host: target, address, features: { ntuple: true } }],
      stress: { flows: [{ from: peer, to: target }] },
    });
    const failed: KeptTrial = {
      ...{ folder, version: "1.2", commit: bad, place: "one", time: "", fault: undefined },
      settings: settingsOf("one", "peer1", "10.0.0.1/24"),
      verdict: { kind: "bad", cause: "crash", detail: "oops" },
      exposure: {
        ...{ packets: 7000, seconds: 1, perQueue: {}, planned: "" },
        reached: true,
        receivedBytes: 0,
      },
    };
    const known = async (place: string, settings: Record<string, unknown>): Promise<number[]> => {
      const wanted = { ends: { good, bad }, commit: middle, settings, place };
      return [...(await endpointKnowledge([failed], repository, wanted)).runs.failed];
    };
    expect(await known("one", settingsOf("one", "peer1", "10.0.0.1/24"))).toEqual([7000]);
    expect(await known("two", settingsOf("two", "peer2", "10.0.1.1/24"))).toEqual([7000]);
    const alone = { ...settingsOf("two", "peer2", "10.0.1.1/24"), twins: undefined };
    expect(await known("two", alone)).toEqual([]);
    const other = {
      ...settingsOf("two", "peer2", "10.0.1.1/24"),
      stress: { flows: [{ from: "two", to: "peer2" }] },
    };
    expect(await known("two", other)).toEqual([]);
  });
});
