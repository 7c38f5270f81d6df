import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { onTarget, targetsOf } from "../../src/cli/one-target.js";
import { readSettings } from "../../src/cli/settings.js";
import { settingsJsonSchema } from "../../src/cli/settings-shape.js";

const least = "build: { run: make }\nstress: { run: ./stress }\n";
const schemaPath = new URL("../../schema/tarbisect.schema.json", import.meta.url).pathname;

function folderWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "tarbisect-settings-"));
  writeFileSync(join(folder, "tarbisect.yaml"), text);
  return folder;
}

function read(text: string, env: NodeJS.ProcessEnv = {}, flags: Record<string, unknown> = {}) {
  const cwd = folderWith(text);
  return { ...readSettings({ cwd, env, flags }).settings, cwd };
}

describe("the settings", () => {
  it("are found above the current folder", () => {
    const folder = folderWith(least);
    mkdirSync(join(folder, "a/b"), { recursive: true });
    expect(readSettings({ cwd: join(folder, "a/b"), env: {}, flags: {} }).path).toBe(
      join(folder, "tarbisect.yaml"),
    );
  });

  it("are told to be missing with what makes them", () => {
    const cwd = mkdtempSync(join(tmpdir(), "tarbisect-settings-"));
    expect(() => readSettings({ cwd, env: {}, flags: {} })).toThrow(/no tarbisect\.yaml in .* or above it/);
  });

  it("have every problem told at once, with line and column and what was meant", () => {
    const text = "drivr: i40e\nbuild:\n  run: make\n  timeout: 5\nstress:\n  runn: x\n";
    expect(() => read(text)).toThrow(
      /4 problems:\n {2}\S+:1:8: drivr: is no key known here \(did you mean driver\?\)\n {2}\S+:4:12: build\.timeout: .*\n {2}\S+:5:1: stress\.run: is missing\n {2}\S+:6:9: stress\.runn: is no key known here \(did you mean run\?\)/,
    );
  });

  it("take defaults, then the file, then variables, then flags", () => {
    expect(read(least).stress.timeout).toBe("2h");
    const file = least.replace("./stress", "./stress, timeout: 5m");
    expect(read(file).stress.timeout).toBe("5m");
    const env = { TARBISECT_STRESS_TIMEOUT: "6m", TARBISECT_SSH: "root@a" };
    expect(read(file, env)).toMatchObject({ ssh: "root@a", stress: { timeout: "6m" } });
    expect(read(file, env, { stressTimeout: "7m" }).stress.timeout).toBe("7m");
  });

  it("name the variable or flag that is wrong", () => {
    expect(() => read(least, { TARBISECT_SSH: "-oProxyCommand=x" })).toThrow(/^TARBISECT_SSH: "-oProxy/);
    expect(() => read(least, {}, { buildTimeout: "5" })).toThrow(/^--build-timeout: "5" must be a time/);
    expect(() => read(least, { TARBISECT_SSHH: "root@a" })).toThrow(/TARBISECT_SSHH is no setting/);
  });

  it("mean paths from where they are written", () => {
    const { cwd, evidence } = read(`${least}evidence: trials\n`);
    expect(evidence).toBe(join(cwd, "trials"));
    expect(read(`${least}driver: i40e\n`).driver).toBe("i40e");
  });

  it("mean the files of hosts and a kernel's folder from there too, wherever the command runs", () => {
    const folder = folderWith(`driver: ./d.yaml
kernel: kernels/6.1
hosts:
  server:
    ssh: root@server
    console: server.log
    bmc: { host: b, user: root, password: bmc, redfish: { ca: bmc.pem } }
  other: { local: true, console: { run: "cat x" } }
target: server
stress: { run: "true" }
`);
    mkdirSync(join(folder, "below"));
    const { settings } = readSettings({ cwd: join(folder, "below"), env: {}, flags: {} });
    expect(settings).toMatchObject({
      driver: join(folder, "d.yaml"),
      kernel: join(folder, "kernels/6.1"),
      hosts: {
        server: { console: join(folder, "server.log"), bmc: { redfish: { ca: join(folder, "bmc.pem") } } },
        other: { console: { run: "cat x" } },
      },
    });
  });
});

describe("the settings of a step on a target", () => {
  const form = `driver: demo
hosts:
  server: { lab: demo/target, interfaces: [{ driver: e1000 }] }
  peer: { lab: demo/peer1 }
target: server
peers: [peer]
stress: { flows: [{ from: peer, to: server, parallel: 4 }] }
`;

  it("need no command: the catalog's recipe builds, insmod loads", () => {
    const settings = read(form);
    expect(settings.build).toMatchObject({ on: "here", cc: "gcc" });
    expect(settings.judge.failure).toBe("endpoint");
    expect(settings.stress.flows).toMatchObject([{ parallel: 4, zerocopy: false }]);
  });

  it.each([
    [
      "a target that is no host",
      "target: server",
      "target: other",
      /target: "other" is none of hosts: server, peer/,
    ],
    [
      "a host that plays no part",
      "peers: [peer]",
      "peers: []",
      /flows\[0\]\.from: "peer" is none of target, twins and peers/,
    ],
    ["no driver", "driver: demo\n", "", /driver: is missing/],
    ["two kinds of stress", "stress: { ", "stress: { run: x, ", /stress: needs run or flows, and not both/],
    [
      "a host without a way",
      "lab: demo/peer1",
      "sudo: true",
      /hosts\.peer: needs exactly one of ssh, local and lab/,
    ],
    ["flows without a target", "target: server", "", /stress\.flows: needs target/],
  ])("refuse %s", (_, from, to, says) => {
    expect(() => read(form.replace(from, to))).toThrow(says);
  });
});

describe("schema/tarbisect.schema.json", () => {
  const published = JSON.parse(readFileSync(schemaPath, "utf8")) as object;

  it("is what the shape says (after a change: npm run schemas)", () => {
    expect(published).toEqual(settingsJsonSchema());
  });

  it("accepts and refuses what the shape does", () => {
    const accepts = new Ajv().compile(published);
    expect(accepts(parse(least))).toBe(true);
    expect(accepts(parse(`${least}unknown: 1\n`))).toBe(false);
  });
});

describe("identical targets", () => {
  const text = `driver: demo
hosts:
  server: { ssh: a, interfaces: [{ driver: e1000 }] }
  server2: { ssh: b, interfaces: [{ driver: e1000 }] }
  peer: { ssh: c, interfaces: [{ driver: e1000 }] }
  peer2: { ssh: d, interfaces: [{ driver: e1000 }] }
target: server
twins: [server2]
peers: [peer, peer2]
configure:
  - { mtu: 9000 }
  - { host: server, address: 10.1.0.1/24 }
  - { host: peer, address: 10.1.0.2/24 }
  - { host: server2, address: 10.2.0.1/24 }
  - { host: peer2, address: 10.2.0.2/24 }
stress: { flows: [{ from: peer, to: server }, { from: server2, to: peer2 }] }
`;

  it("each have what is theirs of the settings, and what is for all", () => {
    const settings = read(text);
    expect(targetsOf(settings)).toEqual(["server", "server2"]);
    const second = onTarget(settings, "server2");
    expect(second).toMatchObject({ target: "server2", twins: ["server"], peers: ["peer2"] });
    expect(second.configure.map(({ host, address }) => address ?? host ?? "all")).toEqual([
      "all",
      "10.2.0.1/24",
      "10.2.0.2/24",
    ]);
    expect(second.stress.flows).toMatchObject([{ from: "server2", to: "peer2" }]);
    expect(onTarget(settings, "server")).toMatchObject({ target: "server", peers: ["peer"] });
  });

  it.each([
    [
      "traffic between them",
      "from: server2, to: peer2",
      "from: server2, to: server",
      /flows\[1\]: joins two targets/,
    ],
    [
      "one without traffic",
      ", { from: server2, to: peer2 }",
      "",
      /twins\[0\]: no flow leads to or from "server2"/,
    ],
    ["one that is a peer too", "twins: [server2]", "twins: [peer2]", /twins\[0\]: "peer2" has another part/],
    ["one that is no host", "twins: [server2]", "twins: [server3]", /twins\[0\]: "server3" is none of hosts/],
  ])("refuse %s", (_, from, to, says) => {
    expect(() => read(text.replace(from, to))).toThrow(says);
  });

  it("without a target are hosts as ssh takes them", () => {
    const own = "build: { run: x }\nstress: { run: x }\ntwins: [root@b]\n";
    expect(() => read(own)).toThrow(/twins: needs target or ssh/);
    const settings = read(`ssh: root@a\n${own}`);
    expect(targetsOf(settings)).toEqual(["root@a", "root@b"]);
    expect(onTarget(settings, "root@b").ssh).toBe("root@b");
  });
});
