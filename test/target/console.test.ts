// Consoles as they are reached: a file, ser2net's telnet and raw ports, netconsole's datagrams, a program, serial over LAN.
import { spawn, type ChildProcess } from "node:child_process";
import { createSocket } from "node:dgram";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  consoleShape,
  openConsole,
  type ConsoleDescription,
} from "../../src/target/console/console-settings.js";
import { ConsoleRecording } from "../../src/target/console/recording.js";
import { TelnetReader } from "../../src/target/console/tcp-source.js";
import { startIpmi, type IpmiSimulator } from "./ipmi-simulator.js";

const folder = mkdtempSync(join(tmpdir(), "console-"));
const at = (name: string): string => join(folder, name);
const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Heard {
  lines: string[];
  times: Date[];
  gaps: string[];
  recording: ConsoleRecording;
}

function listen(way: ConsoleDescription, access?: IpmiSimulator["access"]): Heard {
  const heard = { lines: [] as string[], times: [] as Date[], gaps: [] as string[] };
  const source = openConsole(consoleShape.parse(way), { access, env: process.env });
  const recording = new ConsoleRecording(source, {
    line: (text, when) => {
      heard.lines.push(text);
      heard.times.push(when);
    },
    gap: (what) => heard.gaps.push(what),
  });
  endings.push(() => recording.stop());
  return { ...heard, recording };
}

const soon = { timeout: 20_000, interval: 50 };

describe("a console's file", () => {
  it("is followed from its end, through a new beginning, in lines with their times", async () => {
    writeFileSync(at("file"), "old\n");
    const { lines, times, recording } = listen(at("file"));
    expect(await recording.open(5000)).toBeUndefined();
    const before = Date.now();
    appendFileSync(at("file"), "first\r\nsec");
    await expect.poll(() => lines, soon).toEqual(["first"]);
    appendFileSync(at("file"), "ond\u001b[31m red\n");
    await expect.poll(() => lines, soon).toEqual(["first", "second red"]);
    writeFileSync(at("file"), "anew\nunended");
    await expect.poll(() => lines, soon).toContain("anew");
    await recording.stop();
    expect(lines.at(-1)).toBe("unended");
    for (const time of times) expect(time.getTime()).toBeGreaterThanOrEqual(before);
  });
});

describe("ser2net", { timeout: 60_000 }, () => {
  it.each([
    ["telnet,tcp", "telnet"],
    ["tcp", "raw"],
  ])("by %s gives what the machine says, and a connection that ends is made again", async (accepter) => {
    const port = await freePort();
    writeFileSync(
      at("says"),
      '#!/bin/sh\nprintf "hello\\377\\n"; while sleep 0.3; do echo "[ 1.0] tick"; done\n',
      {
        mode: 0o755,
      },
    );
    writeFileSync(
      at("ser2net.yaml"),
      `%YAML 1.1\n---\nconnection: &con\n  accepter: ${accepter},127.0.0.1,${port}\n  connector: stdio,${at("says")}\n`,
    );
    const server = await startSer2net(port);
    const { lines, gaps, recording } = listen({ tcp: `127.0.0.1:${port}` });
    expect(await recording.open(5000)).toBeUndefined();
    await expect.poll(() => lines, soon).toContain("[ 1.0] tick");
    server.kill("SIGKILL");
    await expect.poll(() => gaps.join(), soon).toMatch(/^connection lost: /);
    const before = lines.length;
    await startSer2net(port);
    await expect.poll(() => gaps, soon).toContain("connected again");
    await expect.poll(() => lines.length, soon).toBeGreaterThan(before);
  });
});

it("telnet's commands are taken out wherever the stream is cut, and only what a console is gets a yes", () => {
  const stream = Buffer.from([
    255, 251, 1, 104, 255, 250, 24, 1, 255, 240, 105, 255, 253, 24, 255, 255, 255, 241, 10,
  ]);
  for (let cut = 0; cut <= stream.length; cut++) {
    const reader = new TelnetReader();
    const parts = [reader.push(stream.subarray(0, cut)), reader.push(stream.subarray(cut))];
    expect(Buffer.concat(parts.map(({ text }) => text))).toEqual(Buffer.from([104, 105, 255, 10]));
    expect(Buffer.concat(parts.map(({ answer }) => answer))).toEqual(
      Buffer.from([255, 253, 1, 255, 252, 24]),
    );
  }
});

describe("netconsole", () => {
  it("takes plain and extended messages of one sender, and a second reader is told of the first", async () => {
    const port = await freePort();
    const { lines, recording } = listen({ netconsole: port, from: "127.0.0.1" });
    expect(await recording.open(5000)).toBeUndefined();
    const foreign = listen({ netconsole: port });
    expect(await foreign.recording.open(5000)).toMatchObject({ taken: true });
    await foreign.recording.stop();
    const socket = createSocket("udp4");
    endings.push(() => socket.close());
    for (const message of ["[  12.345678] plain\n", "6,416,12345678,-;extended"])
      socket.send(message, port, "127.0.0.1");
    await expect.poll(() => lines, soon).toEqual(["[  12.345678] plain", "6,416,12345678,-;extended"]);
  });
});

describe("a program", () => {
  it("is started again when it ends, and told when we go by the end of its stdin", async () => {
    const run = `echo "line $(cat ${at("count")} 2>/dev/null)"; [ -f ${at("count")} ] || { sleep 3; echo again >${at("count")}; exit 3; }; cat; echo left >${at("left")}`;
    const { lines, gaps, recording } = listen({ run });
    await expect.poll(() => lines, soon).toEqual(["line ", "line again"]);
    expect(gaps[0]).toBe("connection lost: exit code 3: line");
    await recording.stop();
    expect(existsSync(at("left"))).toBe(true);
  });
});

describe("serial over LAN", { timeout: 120_000 }, () => {
  let bmc: IpmiSimulator;
  let line: Server;
  let machine: Socket | undefined;

  beforeAll(async () => {
    line = createServer((socket) => {
      machine = socket;
      socket.on("error", () => undefined);
    }).listen(0, "127.0.0.1");
    await new Promise((done) => line.once("listening", done));
    const { port: solPort } = line.address() as AddressInfo;
    bmc = await startIpmi({ getPower: "echo 1", setPower: "true", solPort });
  });
  afterAll(async () => {
    await bmc.stop();
    machine?.destroy();
    line.close();
  });

  it("has one reader: a second one is told, and takes it over only when asked to", async () => {
    const first = listen({ sol: true }, bmc.access);
    expect(await first.recording.open(20_000)).toBeUndefined();
    await expect.poll(() => machine, soon).toBeDefined();
    machine?.write("[   1.000000] first words\r\n");
    await expect.poll(() => first.lines, soon).toEqual(["[   1.000000] first words"]);
    const second = listen({ sol: true }, bmc.access);
    expect(await second.recording.open(20_000)).toMatchObject({ taken: true });
    await second.recording.stop();
    const third = listen({ sol: true, takeOver: true }, bmc.access);
    expect(await third.recording.open(30_000)).toBeUndefined();
    machine?.write("taken over\r\n");
    await expect.poll(() => third.lines.join(), soon).toContain("taken over");
  });

  it("is left in order: the next reader finds it free at once", async () => {
    for (let round = 0; round < 2; round++) {
      const { recording } = listen({ sol: true }, bmc.access);
      expect(await recording.open(20_000)).toBeUndefined();
      await recording.stop();
    }
  });
});

async function startSer2net(port: number): Promise<ChildProcess> {
  const server = spawn("ser2net", ["-n", "-c", at("ser2net.yaml")], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
  });
  endings.push(() => server.kill("SIGKILL"));
  const listening = (): boolean =>
    readFileSync("/proc/net/tcp", "utf8").includes(
      `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")} 00000000:0000 0A`,
    );
  await expect.poll(listening, soon).toBe(true);
  return server;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
