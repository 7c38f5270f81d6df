// Traffic and interfaces as they are planned, and what is read from what they answer.
import { describe, expect, it } from "vitest";
import { configureShape } from "../../src/step/configure-settings.js";
import { exposureOf, parseReceived } from "../../src/step/exposure.js";
import { interfaceCommands } from "../../src/step/interface-commands.js";
import { clientScript, planFlows, readClients, serverScript } from "../../src/step/mesh-plan.js";
import { proposeAmplify } from "../../src/step/amplify.js";
import { readNicFacts } from "../../src/step/nic-facts.js";
import { stressShape } from "../../src/step/stress-settings.js";
import type { TrialHost } from "../../src/step/trial-hosts.js";
import { createTarget } from "../../src/target/target.js";
import { localTransport } from "../../src/target/transport.js";

const host = (name: string): TrialHost => ({
  name,
  target: createTarget({ name, transport: localTransport }),
  interfaces: [],
});
const hosts = { target: host("server"), peers: [host("one"), host("two")] };
const plan = (flows: object[]) =>
  planFlows(hosts, stressShape.parse({ flows }).flows ?? [], ({ name }) => `address-of-${name}`);

describe("flows", () => {
  it("become iperf3 calls as the story had them, the listener on the side that was asked for", () => {
    const [first, second] = plan([
      { from: "one", to: "server", parallel: 10, mss: 9000, length: 1_048_576, zerocopy: true },
      { from: "two", to: "server", reverse: true, udp: true, bitrate: "40M", window: 131_072, port: 7000 },
    ]);
    expect([first?.listener.name, second?.listener.name]).toEqual(["server", "two"]);
    expect(clientScript([first!], 600)).toContain(
      "iperf3 -c 'address-of-server' -p 5201 -t 600 -i 1 -P 10 -J --connect-timeout 10000 -M 9000 -l 1048576 -Z >",
    );
    expect(clientScript([second!], 3600)).toContain(
      "iperf3 -c 'address-of-two' -p 7000 -t 3600 -i 6 -P 1 -J --connect-timeout 10000 -R $patience -u -b 40M -w 131072 >",
    );
    expect(serverScript([second!])).toContain("serve 7000 'address-of-two' &");
  });

  it.each([
    [
      [{ from: "three", to: "server" }],
      "a flow names the host three, which is neither the target nor a peer",
    ],
    [
      [
        { from: "one", to: "server", port: 9 },
        { from: "two", to: "server", port: 9 },
      ],
      "two flows want port 9 of server",
    ],
  ])("%j are refused", (flows, message) => {
    expect(() => plan(flows)).toThrow(message);
  });

  it("answer by index, whatever is in an answer; one that was cut off is none", () => {
    const text = '{"error": "@1 0 5"}\n@1 0 3';
    const output = Buffer.from(`greeting\n@0 0 ${text.length}\n${text}@1 7 4\n{"a"@2 0 100\n{"cut`);
    expect([...readClients(output)]).toEqual([
      [0, { code: 0, text }],
      [1, { code: 7, text: '{"a"' }],
    ]);
  });
});

describe("exposure", () => {
  const before = parseReceived(
    "nic eth0 1000 90000\nNIC statistics:\n     rx-0.packets: 900\n     rx-1.packets: 100\n",
  );
  const after = parseReceived(
    "nic eth0 6000 990000\nNIC statistics:\n     rx-0.packets: 5000\n     rx-1.packets: 50\n",
  );
  const run = { seconds: 30, before, after };

  it("counts packets by queue; a queue that began anew counts from there", () => {
    expect(exposureOf({ duration: "60s", exposure: { packets: 5000, perQueue: false } }, run)).toEqual({
      seconds: 30,
      packets: 5000,
      perQueue: { "eth0 rx-0.packets": 4100, "eth0 rx-1.packets": 50 },
      planned: "5000 packets, 60s at most",
      reached: true,
      receivedBytes: 900_000,
    });
  });

  it("per queue is reached by the busiest one, and a time by its length", () => {
    const perQueue = (packets: number) =>
      exposureOf({ duration: "60s", exposure: { packets, perQueue: true } }, run).reached;
    expect([perQueue(4100), perQueue(4101)]).toEqual([true, false]);
    expect(exposureOf({ duration: "30s" }, run).reached).toBe(true);
    expect(exposureOf({ duration: "32s" }, run).reached).toBe(false);
  });
});

describe("an entry of configure", () => {
  it("makes a bond anew and gives it the address; each card gets the rest", () => {
    const [entry] = configureShape.parse([
      {
        bond: { name: "bond0", interfaces: [0, 1] },
        address: "10.0.0.1/24",
        mtu: 9000,
        ring: { rx: 64 },
        features: { ntuple: true },
        rules: ["flow-type tcp4 dst-port 5201 action 0"],
      },
    ]);
    const commands = interfaceCommands(entry!, ["eth1", "eth2"]);
    expect(commands.map(({ command }) => command.replace(/; code=.*/, ""))).toEqual([
      "[ ! -e /sys/class/net/'bond0'/bonding ] || ip link del 'bond0'",
      "[ -d /sys/module/bonding ] || modprobe bonding max_bonds=0",
      "ip link add 'bond0' type bond mode '802.3ad' miimon 100",
      ...["eth1", "eth2"].flatMap((name) => [
        `ip link set '${name}' down`,
        `ip link set '${name}' master 'bond0'`,
      ]),
      "ip link set 'eth1' up",
      "ip link set 'eth2' up",
      "ethtool -G 'eth1' rx 64",
      "ethtool -G 'eth2' rx 64",
      "ethtool -K 'eth1' 'ntuple' on",
      "ethtool -K 'eth2' 'ntuple' on",
      "ip link set 'bond0' mtu 9000",
      "ip addr replace '10.0.0.1/24' dev 'bond0'",
      "ip link set 'bond0' up",
      "ethtool -N 'eth1' 'flow-type' 'tcp4' 'dst-port' '5201' 'action' '0'",
      "ethtool -N 'eth2' 'flow-type' 'tcp4' 'dst-port' '5201' 'action' '0'",
    ]);
    expect(commands.filter(({ refusal }) => refusal === "driver")).toHaveLength(7);
  });

  it("is noted as ethtool shows it afterwards", () => {
    const rings =
      "Ring parameters for eth0:\nPre-set maximums:\nRX:\t\t4096\nTX:\t\t4096\nCurrent hardware settings:\nRX:\t\t64\nTX:\t\t256\n";
    const features =
      "Features for eth0:\nrx-checksumming: on\nntuple-filters: off [fixed]\ntls-hw-record: off [fixed]\n";
    const text = `== g eth0\n${rings}== l eth0\n== k eth0\n${features}== link eth0\n1500 10000\n== g eth01\nRX: 1\n`;
    expect(readNicFacts(text, "eth0")).toEqual({
      rings: "rx 64 tx 256",
      features: "rx-checksumming on, ntuple-filters off",
      mtu: "1500",
      speed: "10000",
    });
  });

  it("could be smaller, which is proposed with what it brings", () => {
    const rings = "Pre-set maximums:\nRX:\t\t4096\nCurrent hardware settings:\nRX:\t\t512\nTX:\t\t512\n";
    const channels = "Pre-set maximums:\nCombined:\t16\nCurrent hardware settings:\nCombined:\t8\n";
    const text = `== g eth0\n${rings}== l eth0\n${channels}== g eth1\nRX:\t\t64\n`;
    expect(proposeAmplify(text, ["eth0", "eth1"], 5_400_000)).toBe(
      "would set eth0 rx ring 512 to 64, 8 queues to 1: each buffer is used up to 64 times as often, so 5400 s do what takes 345600 s without",
    );
    expect(proposeAmplify(text, ["eth0"], undefined)).toMatch(/64 times as often$/);
    expect(proposeAmplify(text, ["eth1", "gone"], 60_000)).toBeUndefined();
  });
});
