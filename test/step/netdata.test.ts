// Netdata beside our own sampler: a real agent on this machine, and one that wants to harm us.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSecrets } from "../../src/host/secrets.js";
import { readSeries } from "../../src/report/read-series.js";
import { NetdataWatch } from "../../src/step/netdata-watch.js";
import { startWatch } from "../../src/step/watch.js";
import { netdataShape, openNetdata, type NetdataAgent } from "../../src/target/netdata-agent.js";
import { createTarget } from "../../src/target/target.js";
import { localTransport } from "../../src/target/transport.js";
import { freePort } from "../target/free-port.js";

const work = mkdtempSync(join(tmpdir(), "tarbisect-netdata-"));
const token = "t0ken-of-the-agent";
const secretsFile = join(work, "secrets.yaml");
writeFileSync(secretsFile, `agent: "${token}"\n`, { mode: 0o600 });
afterAll(() => rmSync(work, { recursive: true, force: true, maxRetries: 5 }));

function agentAt(url: string, more: object = {}): NetdataAgent {
  return openNetdata(netdataShape.parse({ url, ...more }), openSecrets({ TARBISECT_SECRETS: secretsFile }));
}

function newFolder(): string {
  return mkdtempSync(join(work, "trial-"));
}

describe("a real agent", { timeout: 400_000 }, () => {
  let agent: ChildProcess;
  let url = "";

  beforeAll(async () => {
    const folder = newFolder();
    const port = await freePort();
    const folders = ["config", "lib", "cache", "log"].map((name) => {
      mkdirSync(join(folder, name));
      return `${name} = ${join(folder, name)}`;
    });
    const off = [
      "apps",
      "cgroups",
      "tc",
      "idlejitter",
      "timex",
      "statsd",
      "ebpf",
      "go.d",
      "python.d",
      "charts.d",
    ];
    const settings = [
      ...["[directories]", ...folders, "[db]", "mode = ram", "[web]", `bind to = 127.0.0.1:${port}`],
      ...[
        "[plugins]",
        ...off.map((name) => `${name} = no`),
        "[health]",
        "enabled = no",
        "[ml]",
        "enabled = no",
        "",
      ],
    ];
    writeFileSync(join(folder, "netdata.conf"), settings.join("\n"));
    const user = process.getuid?.() === 0 ? ["-u", "root"] : [];
    const words = ["-D", "-c", join(folder, "netdata.conf"), ...user];
    agent = spawn("/usr/sbin/netdata", words, { stdio: "ignore", detached: true });
    url = `http://127.0.0.1:${port}`;
    const answers = (): Promise<boolean> =>
      agentAt(url)
        .last("mem.slab", 3)
        .then(
          ({ points }) => points.length > 0,
          () => false,
        );
    for (let tries = 0; !(await answers()); tries++) {
      if (agent.exitCode !== null || tries > 300) throw new Error("netdata does not answer");
      await sleep(500);
    }
  }, 300_000);
  afterAll(() => {
    process.kill(-agent.pid!, "SIGKILL");
  });

  it("says what our own sampler says", async () => {
    const evidence = newFolder();
    const here = createTarget({ name: "here", transport: localTransport });
    const target = { name: "here", target: here, interfaces: [], netdata: agentAt(url) };
    const io = { evidence, signal: new AbortController().signal, note: () => undefined };
    const watch = await startWatch({ target, peers: [] }, { interval: "1s", silence: "60s" }, io);
    const read = (file: string) =>
      readSeries(join("trial", file), readFileSync(join(evidence, file), "utf8")).series;
    const compared = ["available memory", "slab"];
    const fewest = (): number =>
      Math.min(
        ...["samples.jsonl", "netdata.jsonl"].flatMap((file) => {
          const series = read(file);
          return compared.map((name) => series.find((each) => each.name === name)?.points.length ?? 0);
        }),
      );
    await expect.poll(fewest, { timeout: 200_000, interval: 500 }).toBeGreaterThan(5);
    await watch.stop();
    const [ours, theirs] = [read("samples.jsonl"), read("netdata.jsonl")];
    for (const name of compared) {
      const [mine, other] = [ours, theirs].map((all) => all.find((series) => series.name === name)!);
      expect([mine?.unit, other?.unit]).toEqual(["bytes", "bytes"]);
      const shares = other!.points.map(([at, value]) => {
        const near = mine!.points.reduce((a, b) => (Math.abs(b[0] - at) < Math.abs(a[0] - at) ? b : a));
        return Math.abs(value - near[1]) / near[1];
      });
      expect(shares.length, name).toBeGreaterThan(5);
      expect(median(shares), name).toBeLessThan(0.03);
    }
    expect(theirs.map(({ name, unit }) => `${name}, ${unit}`)).toEqual(
      expect.arrayContaining(["system.softirqs NET_RX, softirqs/s", "system.net received, bit/s"]),
    );
  });

  it("that has no such chart, or is gone, is noted and nothing else", async () => {
    const evidence = newFolder();
    const notes: string[] = [];
    const at = { evidence, prefix: "", begun: performance.now(), note: (text: string) => notes.push(text) };
    await new NetdataWatch(agentAt(url, { charts: ["no.such"] }), at).stop();
    await new NetdataWatch(agentAt("http://127.0.0.1:9"), { ...at, prefix: "gone-" }).stop();
    expect(readFileSync(join(evidence, "netdata.jsonl"), "utf8")).toBe("");
    expect(notes.join("")).toMatch(/^netdata does not answer: .+\n$/);
    expect(readFileSync(join(evidence, "gone-netdata.jsonl"), "utf8")).toMatch(/"problem":"netdata does not/);
  });
});

describe("an agent that wants to harm us", { timeout: 60_000 }, () => {
  let server: Server;
  let answer: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;
  beforeAll(async () => {
    server = createServer((request, response) => answer(request, response));
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  });
  afterAll(() => server.close());
  const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  it("gets the token in a header; it is in no file, note, address or command line, and in no page made of them", async () => {
    const seen: string[] = [];
    const notes: string[] = [];
    const commandLines: string[] = [];
    answer = (request, response) => {
      const told = request.headers.authorization ?? "";
      if (seen.length === 0) commandLines.push(...allCommandLines());
      seen.push(told, request.url ?? "");
      response.end(
        request.url?.includes("/chart?")
          ? JSON.stringify({ units: `of ${told}`.slice(0, 39) })
          : JSON.stringify({ labels: ["time", told, token, "ok"], data: [[Date.now() / 1000, 1, 2, 3]] }),
      );
    };
    const evidence = newFolder();
    const at = { evidence, begun: performance.now() - 60_000, note: (text: string) => notes.push(text) };
    const asked = { token: "agent", charts: ["mem.slab"] };
    await new NetdataWatch(agentAt(url(), asked), { ...at, prefix: "" }).stop();
    answer = (request, response) => {
      response.statusCode = 401;
      response.end(`no such token: ${request.headers.authorization ?? ""}`);
    };
    await new NetdataWatch(agentAt(url(), asked), { ...at, prefix: "refused-" }).stop();
    expect(seen[0]).toBe(`Bearer ${token}`);
    expect(seen.filter((text) => text.startsWith("/")).join()).not.toContain(token);
    expect(notes.join()).toContain("HTTP 401");
    expect(commandLines.join()).toContain("vitest");
    const written = readFileSync(join(evidence, "netdata.jsonl"), "utf8");
    const refused = readFileSync(join(evidence, "refused-netdata.jsonl"), "utf8");
    const drawn = JSON.stringify(readSeries(join("trial", "netdata.jsonl"), written));
    for (const text of [...notes, ...commandLines, refused, drawn]) expect(text).not.toContain(token);
    expect(written).toMatch(/"chart":"mem.slab".*"values":\{"ok":3\}/);
    expect(written).not.toContain(token);
  });

  it("is not taken for one without the chart when it does not know what it is asked", async () => {
    const says = (text: string): void => {
      answer = (_, response) => response.writeHead(404).end(text);
    };
    // As 1.37 and 2.10 say it; the others are of 2.10 built without its first API, and of a parent.
    says("Chart is not found: mem.slab");
    expect(await agentAt(url()).units("mem.slab")).toBe(undefined);
    for (const text of [
      "Unsupported API command: chart",
      "This netdata does not maintain a database for host: server",
    ]) {
      says(text);
      await expect(agentAt(url()).units("mem.slab")).rejects.toThrow("HTTP 404 for the chart mem.slab");
    }
  });

  /** As 2.10 answers, shortened. */
  const v3 = (nodes: number): string =>
    JSON.stringify({
      api: 3,
      totals: nodes === 0 ? {} : { nodes: { sl: nodes, qr: nodes } },
      result:
        nodes === 0
          ? { labels: ["time", "no data"], data: [] }
          : { labels: ["time", "reclaimable"], data: [[1795915352, 2192.062]] },
      view: { units: nodes === 0 ? null : "MiB" },
    });

  it("that was built without what it calls deprecated is asked by its third API, for one host", async () => {
    const asked: string[] = [];
    let nodes = 1;
    answer = ({ url: path = "" }, response) => {
      asked.push(path);
      if (path.includes("/api/v3/data?")) response.end(v3(nodes));
      else response.writeHead(404).end("Unsupported API command: chart");
    };
    const agent = agentAt(`${url()}/host/server`);
    expect(await agent.units("mem.slab")).toBe("MiB");
    expect((await agent.last("mem.slab", 9)).points).toEqual([
      { unixSeconds: 1795915352, values: { reclaimable: 2192.062 } },
    ]);
    const query = "scope_instances=mem.slab&group_by=dimension&scope_nodes=server&after=-9&points=0";
    expect(asked.at(-1)).toBe(`/host/server/api/v3/data?${query}&format=json&options=seconds`);
    nodes = 0;
    expect(await agent.units("no.such")).toBe(undefined);
    nodes = 2;
    await expect(agent.units("mem.slab")).rejects.toThrow("mem.slab is of 2 hosts: the url must name one");
  });

  it.each<[string, typeof answer, RegExp]>([
    [
      "a redirect",
      (_, response) => response.writeHead(302, { location: "http://127.0.0.1:9/" }).end(),
      /redirect/,
    ],
    ["an answer without end", (_, response) => void endless(response), /more than \d+ bytes/],
    ["no JSON", (_, response) => response.end("<html>"), /HTTP 200 for the data/],
  ])("with %s is not believed", async (_, harm, says) => {
    answer = harm;
    await expect(agentAt(url()).last("mem.slab", 10)).rejects.toThrow(says);
  });
});

function allCommandLines(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(join("/proc", pid, "cmdline"), "utf8");
      } catch {
        return ""; // it has ended
      }
    });
}

async function endless(response: ServerResponse): Promise<void> {
  for (let sent = 0; sent < 16 && !response.destroyed; sent++) {
    response.write(Buffer.alloc(1024 * 1024, 0x20));
    await sleep(0);
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}
