// Consoles as they are reached: a file, ser2net's telnet and raw ports, conserver, ssh, netconsole's datagrams, a program,
// serial over LAN.
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
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
import { freePort, freeUdpPort } from "./free-port.js";
import { startIpmi, type IpmiSimulator } from "./ipmi-simulator.js";
import { startSshServer } from "./ssh-server.js";

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

function listen(
  way: ConsoleDescription,
  { access, env = process.env }: { access?: IpmiSimulator["access"]; env?: NodeJS.ProcessEnv } = {},
): Heard {
  const heard = { lines: [] as string[], times: [] as Date[], gaps: [] as string[] };
  const source = openConsole(consoleShape.parse(way), { access, env });
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

const soon = { timeout: 60_000, interval: 50 };
const limitMs = 60_000;

describe("a console's file", () => {
  it("is followed from its end, through a new beginning, in lines with their times", async () => {
    writeFileSync(at("file"), "old\n");
    const { lines, times, recording } = listen(at("file"));
    expect(await recording.open(limitMs)).toBeUndefined();
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

describe("ser2net", { timeout: 240_000 }, () => {
  it.each([
    ["telnet,tcp", "telnet"],
    ["tcp", "raw"],
  ])("by %s gives what the machine says, and a connection that ends is made again", async (accepter) => {
    const port = await freePort();
    const settings = `%YAML 1.1\n---\nconnection: &con\n  accepter: ${accepter},127.0.0.1,${port}\n  connector: stdio,${says()}\n`;
    writeFileSync(at("ser2net.yaml"), settings);
    const start = (): Promise<ChildProcess> => startDaemon(["ser2net", "-n", "-c", at("ser2net.yaml")], port);
    let server = await start();
    await expectFollowed(listen({ tcp: `127.0.0.1:${port}` }), {
      cut: () => void server.kill("SIGKILL"),
      mend: async () => (server = await start()),
    });
  });
});

describe("conserver", { timeout: 240_000 }, () => {
  it("is heard by its client as a spy, and again after it was killed", async () => {
    const [port, second] = [await freePort(), await freePort()];
    writeFileSync(at("passwd"), "*any*:\n");
    const settings = [
      `config * { primaryport ${port}; secondaryport ${second}; logfile ${at("conserver.log")}; passwdfile ${at("passwd")}; }`,
      "access * { trusted 127.0.0.1; }",
      `console server { master localhost; type exec; exec ${says()}; rw *; }`,
    ];
    writeFileSync(at("conserver.cf"), `${settings.join("\n")}\n`);
    const words = [
      "conserver",
      "-C",
      at("conserver.cf"),
      "-M",
      "127.0.0.1",
      "-p",
      `${port}`,
      "-b",
      `${second}`,
    ];
    let server = await startDaemon(words, port);
    await expectFollowed(listen({ run: `console -M 127.0.0.1 -p ${port} -s server` }), {
      // Its consoles are children of their own, which end with their group.
      cut: () => process.kill(-server.pid!, "SIGKILL"),
      mend: async () => (server = await startDaemon(words, port)),
    });
  });
});

describe("ssh to a BMC", { timeout: 240_000 }, () => {
  it("gives what its console command prints, and again after the connection was dropped", async () => {
    const forced = `[ "$SSH_ORIGINAL_COMMAND" = "console com2" ] && [ -t 0 ] && exec ${says()}; exit 1\n`;
    const bmc = await startSshServer({ forced });
    endings.push(() => bmc.stop());
    // The user's ssh with what a Host entry of his configuration would say.
    const bin = mkdtempSync(at("bin-"));
    const options = bmc.ssh.options!.map((word) => `'${word}'`).join(" ");
    const ssh = execFileSync("sh", ["-c", "command -v ssh"], { encoding: "utf8" }).trim();
    writeFileSync(join(bin, "ssh"), `#!/bin/sh\nexec ${ssh} ${options} "$@"\n`, { mode: 0o755 });
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
    await expectFollowed(listen({ ssh: bmc.ssh.destination, run: "console com2" }, { env }), {
      cut: () => bmc.dropConnections(),
      mend: () => Promise.resolve(),
    });
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
    const port = await freeUdpPort();
    const { lines, recording } = listen({ netconsole: port, from: "127.0.0.1" });
    expect(await recording.open(limitMs)).toBeUndefined();
    const foreign = listen({ netconsole: port });
    expect(await foreign.recording.open(limitMs)).toMatchObject({ taken: true });
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

describe("serial over LAN", { timeout: 300_000 }, () => {
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
    const first = listen({ sol: true }, { access: bmc.access });
    expect(await first.recording.open(limitMs)).toBeUndefined();
    await expect.poll(() => machine, soon).toBeDefined();
    machine?.write("[   1.000000] first words\r\n");
    await expect.poll(() => first.lines, soon).toEqual(["[   1.000000] first words"]);
    const second = listen({ sol: true }, { access: bmc.access });
    expect(await second.recording.open(limitMs)).toMatchObject({ taken: true });
    await second.recording.stop();
    const third = listen({ sol: true, takeOver: true }, { access: bmc.access });
    expect(await third.recording.open(limitMs)).toBeUndefined();
    machine?.write("taken over\r\n");
    await expect.poll(() => third.lines.join(), soon).toContain("taken over");
  });

  it("is left in order: the next reader finds it free at once", async () => {
    for (let round = 0; round < 2; round++) {
      const { recording } = listen({ sol: true }, { access: bmc.access });
      expect(await recording.open(limitMs)).toBeUndefined();
      await recording.stop();
    }
  });
});

/** A console is read, its connection cut, and read again once the other side is back. */
async function expectFollowed(
  { lines, gaps, recording }: Heard,
  { cut, mend }: { cut: () => void; mend: () => Promise<unknown> },
): Promise<void> {
  expect(await recording.open(limitMs)).toBeUndefined();
  await expect.poll(() => lines, soon).toContain("[ 1.0] tick");
  cut();
  await expect.poll(() => gaps.join(), soon).toMatch(/^connection lost: /);
  const before = lines.length;
  await mend();
  await expect.poll(() => gaps, soon).toContain("connected again");
  await expect.poll(() => lines.length, soon).toBeGreaterThan(before);
}

/** A program that says what a machine would, with a byte that telnet must double. */
function says(): string {
  const text = '#!/bin/sh\nprintf "hello\\377\\n"; while sleep 0.3; do echo "[ 1.0] tick"; done\n';
  writeFileSync(at("says"), text, { mode: 0o755 });
  return at("says");
}

/** Started when something listens at the port of 127.0.0.1. */
async function startDaemon([program = "", ...words]: string[], port: number): Promise<ChildProcess> {
  const server = spawn(program, words, {
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
  });
  let said = "";
  server.stderr.on("data", (text: Buffer) => (said += text.toString()));
  endings.push(() => server.exitCode ?? server.signalCode ?? process.kill(-server.pid!, "SIGKILL"));
  const address = `:${port.toString(16).toUpperCase().padStart(4, "0")} 00000000:0000 0A`;
  const listening = (): boolean => {
    if (server.exitCode !== null) throw new Error(`${program} ended: ${said}`);
    return readFileSync("/proc/net/tcp", "utf8").includes(address);
  };
  await expect.poll(listening, soon).toBe(true);
  return server;
}
