// The parts of a step that need machines, on two real guests. One lab serves all of it.
import { createSocket } from "node:dgram";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSeries } from "../../src/evidence/host-sample.js";
import { cacheFolder } from "../../src/host/cache-folder.js";
import { configureShape } from "../../src/step/configure-settings.js";
import { configure } from "../../src/step/configure.js";
import { stressUnderProbe } from "../../src/step/health.js";
import { collectLastBoot, readCrashRecords } from "../../src/step/last-boot.js";
import { runFlowRounds } from "../../src/step/flow-rounds.js";
import { runLeakCycles } from "../../src/step/leak-cycles.js";
import { runMesh } from "../../src/step/mesh.js";
import { expectStillLoaded } from "../../src/step/prove-loaded.js";
import { stressShape, type HealthSettings } from "../../src/step/stress-settings.js";
import type { TrialHosts, TrialIo } from "../../src/step/trial-hosts.js";
import { startWatch } from "../../src/step/watch.js";
import { consoleShape, openConsole } from "../../src/target/console/console-settings.js";
import { ConsoleRecording } from "../../src/target/console/recording.js";
import type { LabPlan } from "../../src/target/lab/lab-plan.js";
import { labFolder, removeLab } from "../../src/target/lab/lab-state.js";
import { labTarget } from "../../src/target/lab/lab-target.js";
import { startLab } from "../../src/target/lab/start-lab.js";
import { freeUdpPort } from "../target/free-port.js";
import { sendListener } from "./udp-listener.js";

const cache = cacheFolder(process.env);
const name = `step-${process.pid}`;
const work = mkdtempSync(join(tmpdir(), "on-guests-"));
const limit = { timeoutMs: 20_000 };
let lab: LabPlan;
let hosts: TrialHosts;

beforeAll(async () => {
  const settings = {
    name,
    kernel: undefined,
    nic: "e1000",
    guests: 2,
    memoryMb: 384,
    panicSeconds: 1,
  } as const;
  lab = await startLab(settings, { cacheFolder: cache });
  const [target, peer] = lab.guests.map((guest) => ({
    name: guest.name,
    target: labTarget(lab, guest),
    interfaces: [{ mac: guest.links[0]!.mac }],
  }));
  hosts = { target: target!, peers: [peer!] };
}, 300_000);
afterAll(async () => {
  for (const host of [hosts.target, ...hosts.peers]) await host.target.disconnect();
  await removeLab(labFolder(cache, name));
  rmSync(work, { recursive: true, force: true });
});

function io(): TrialIo {
  return {
    evidence: mkdtempSync(join(work, "trial-")),
    signal: new AbortController().signal,
    note: () => undefined,
  };
}

const addresses = [{ address: "10.77.1.1/24" }, { host: "peer1", address: "10.77.1.2/24" }];

describe("configured guests", { timeout: 240_000 }, () => {
  it("hear each other; what the driver can't do is noted, what a machine refuses is ours", async () => {
    const wanted = [
      { ...addresses[0], mtu: 1400, ring: { rx: 256 }, features: { gro: false, ntuple: true } },
      addresses[1],
    ];
    const outcome = await configure(hosts, { configure: configureShape.parse(wanted), amplify: true }, io());
    expect(outcome).toMatchObject({
      kind: "configured",
      refused: [expect.stringMatching(/^eth0: feature ntuple on: /)],
      facts: { "eth0 amplified": "rx ring 64", "eth0 mtu": "1400", "eth0 rings": "rx 64 tx 256" },
    });
    const absurd = configureShape.parse([{ host: "peer1", address: "10.77.1.2/99" }]);
    await expect(configure(hosts, { configure: absurd, amplify: false }, io())).rejects.toMatchObject({
      blame: "harness",
    });
  });

  it("exchange traffic both ways until enough packets were received", async () => {
    const to = io();
    const settings = stressShape.parse({
      flows: [
        { from: "peer1", to: "target", parallel: 2 },
        { from: "peer1", to: "target", reverse: true, window: 65_536 },
      ],
      duration: "60s",
      exposure: { packets: 300 },
    });
    const outcome = await runMesh(hosts, settings, { ...to, stop: new AbortController().signal });
    expect(outcome).toMatchObject({ kind: "complete", exposure: { reached: true } });
    expect(outcome.exposure.packets).toBeGreaterThanOrEqual(300);
    expect(outcome.exposure.receivedBytes).toBeGreaterThan(10_000);
    for (const { target } of [hosts.target, ...hosts.peers])
      expect(await target.check("ps | grep -c '[i]perf3 ' || true", limit)).toBe("0\n");
  });

  it("go on where what was planned is less than the bug takes", async () => {
    const to = io();
    const settings = stressShape.parse({
      flows: [{ from: "peer1", to: "target", udp: true, bitrate: "1M", length: 500 }],
      exposure: { packets: 100 },
    });
    const wanted = { missRate: 0.05, runs: { failed: [700, 710, 720], clean: [] } };
    const meshIo = { ...to, stop: new AbortController().signal };
    const { end, exposure } = await runFlowRounds(hosts, settings, wanted, meshIo);
    expect(end).toEqual({ kind: "clean" });
    expect(exposure).toMatchObject({ planned: "100 packets, 60s at most", reached: true });
    expect(exposure.packets).toBeGreaterThanOrEqual(1080);
    const files = readdirSync(to.evidence).filter((file) => file.startsWith("iperf3-"));
    expect(files.sort()).toEqual(["iperf3-0-peer1-to-target+1.json", "iperf3-0-peer1-to-target.json"]);
  });

  it("whose iperf3 is killed give a broken stress, not a verdict", async () => {
    const settings = stressShape.parse({ flows: [{ from: "peer1", to: "target" }], duration: "60s" });
    const mesh = runMesh(hosts, settings, { ...io(), stop: new AbortController().signal });
    const { target } = hosts.target;
    await expect
      .poll(() => target.check("ps | grep -c '[i]perf3 -s' || true", limit), { timeout: 90_000 })
      .not.toBe("0\n");
    await target.check("killall iperf3", limit);
    expect(await mesh).toMatchObject({
      kind: "broken",
      host: "target",
      detail: expect.stringContaining("iperf3 -s") as string,
    });
  });
});

describe("a module that was proved", { timeout: 240_000 }, () => {
  it("must be there after the stress as it was before", async () => {
    const notes = "/sys/module/e1000/notes/.note.gnu.build-id";
    const said = await hosts.target.target.check(`od -An -v -tx1 ${notes} | tr -d ' \\n'`, limit);
    const built = (name: string, buildId: string) => {
      const file = { name, srcversion: undefined, buildId, vermagic: "", version: undefined, depends: [] };
      return [{ path: "", file }];
    };
    const after = (modules: ReturnType<typeof built>, mayBeGone: boolean): Promise<void> =>
      expectStillLoaded(hosts.target, modules, { mayBeGone });
    await after(built("e1000", said.slice(-40)), false);
    await expect(after(built("e1000", "0".repeat(40)), true)).rejects.toMatchObject({
      blame: "harness",
      message: "target has another e1000 loaded after the stress",
    });
    await expect(after(built("tbnone", said.slice(-40)), false)).rejects.toThrow(/has no tbnone loaded/);
    await after(built("tbnone", said.slice(-40)), true);
  });
});

describe("a guest's last words", { timeout: 240_000 }, () => {
  it("come by netconsole, as its kernel sends them", async () => {
    const port = await freeUdpPort();
    const lines: string[] = [];
    const source = openConsole(consoleShape.parse({ netconsole: port, from: "127.0.0.1" }), {
      access: undefined,
      env: process.env,
    });
    const recording = new ConsoleRecording(source, {
      line: (text) => lines.push(text),
      gap: () => undefined,
    });
    expect(await recording.open(60_000)).toBeUndefined();
    // The peer is the only machine that the guest can send to; from there each datagram goes on to our port.
    const peer = hosts.peers[0]!.target;
    await sendListener(peer);
    const relay = createSocket("udp4");
    const stop = new AbortController();
    const heard = peer.run("/root/listener 6666", {
      timeoutMs: 200_000,
      stop: stop.signal,
      onOutput: (chunk, stream) => {
        if (stream === "stdout") relay.send(chunk, port, "127.0.0.1");
      },
    });
    const { target } = hosts.target;
    try {
      await target.check("modprobe netconsole netconsole=@10.77.1.1/eth0,6666@10.77.1.2/", limit);
      const said = async (): Promise<string> => {
        await target.check("echo '<4>said for netconsole' >/dev/kmsg", limit);
        return lines.join("\n");
      };
      const sent = /^\[ *\d+\.\d{6}\] said for netconsole$/m;
      await expect.poll(said, { timeout: 120_000, interval: 1000 }).toMatch(sent);
    } finally {
      await target.check("rmmod netconsole", limit);
      stop.abort();
      await heard;
      relay.close();
      await recording.stop();
    }
  });

  it("are found where kdump writes them, those of this crash only", async () => {
    const { target } = hosts.target;
    // As kdump-tools of Debian and kexec-tools of Red Hat name them; what wrote them needs a second kernel in memory.
    const write = (folder: string, file: string): Promise<string> =>
      target.check(`mkdir -p /var/crash/${folder} && dmesg >/var/crash/${folder}/${file}`, limit);
    await write("202611271200", "dmesg.202611271200");
    const before = await readCrashRecords(hosts.target);
    await write("202611281200", "dmesg.202611281200");
    await write("127.0.0.1-2026-11-28-12:01:00", "vmcore-dmesg.txt");
    const { evidence } = io();
    const texts = await collectLastBoot(hosts.target, before!, evidence);
    expect(texts.map(({ source, file }) => `${source} ${file}`)).toEqual([
      "kdump last-boot/kdump-0-vmcore-dmesg.txt.log",
      "kdump last-boot/kdump-1-dmesg.202611281200.log",
    ]);
    expect(readFileSync(join(evidence, texts[1]!.file), "utf8")).toContain("Linux version");
  });
});

describe("a probe of the user's", { timeout: 240_000 }, () => {
  const probe = { run: "test ! -e /tmp/ill || { echo the disk is ill; exit 1; }", interval: "1s" };
  const settingsOf = (more: object): HealthSettings =>
    stressShape.parse({ run: "true", health: { ...probe, ...more } }).health!;

  it("ends the stress with what it found; a guest that was ill before is ours", async () => {
    const peer = hosts.peers[0]!.target;
    await peer.check("rm -f /tmp/ill", limit);
    const at = { ...io(), stop: new AbortController().signal };
    const outcome = await stressUnderProbe(
      hosts,
      settingsOf({ on: "peer1", failures: 2 }),
      at,
      async (stop) => {
        await peer.check("touch /tmp/ill", limit);
        await new Promise((done) => stop.addEventListener("abort", done, { once: true }));
        return { end: { kind: "clean" } };
      },
    );
    const detail = expect.stringMatching(/^the disk is ill \(health probe on peer1, \d/) as string;
    expect(outcome).toEqual({ end: { kind: "unhealthy", detail } });
    const answers = readFileSync(join(at.evidence, "health.jsonl"), "utf8");
    expect(answers).toMatch(/"answer":"well"[^]*"answer":"ill"[^]*"answer":"ill"/);
    let begun = false;
    const begin = (): Promise<{ end: { kind: "clean" } }> => {
      begun = true;
      return Promise.resolve({ end: { kind: "clean" } });
    };
    const never = stressUnderProbe(
      hosts,
      settingsOf({ on: "peer1", settle: "1s" }),
      { ...at, ...io() },
      begin,
    );
    await expect(never).rejects.toMatchObject({ blame: "harness" });
    await peer.check("rm /tmp/ill", limit);
    expect(begun).toBe(false);
  });
});

describe("cycles of load and rest", { timeout: 240_000 }, () => {
  const rules = { errorRate: 0.02, leastBytesPerPacket: 4096, load: "2s", drainMs: 1000, cycles: 2 };
  const run = async (to: TrialIo) => {
    const flows = [{ from: "peer1", to: "target", udp: true, bitrate: "1M" }];
    const settings = stressShape.parse({ flows });
    const watch = await startWatch(hosts, { interval: "1s", silence: "60s" }, to);
    const input = { hosts, settings, rules, watch, ringBytes: 0, known: { good: [], bad: [] } };
    const ended = await runLeakCycles(input, { ...to, stop: new AbortController().signal });
    return { ...ended, samples: (await watch.stop()).samples };
  };

  it("each leave the flow's own file and what the kernel held when the load was gone", async () => {
    const notes: string[] = [];
    const to = { ...io(), note: (text: string) => void notes.push(text) };
    const { end, exposure, samples } = await run(to);
    expect(end).toEqual({ kind: "clean" });
    expect(exposure).toMatchObject({ planned: "2 cycles of 2s at most" });
    expect(exposure!.packets).toBeGreaterThan(0);
    const files = readdirSync(to.evidence).filter((file) => file.startsWith("iperf3-"));
    expect(files).toEqual(["iperf3-0-peer1-to-target-0.json", "iperf3-0-peer1-to-target-1.json"]);
    const held = samples.filter((sample) => sample.stage === "drain").map((sample) => sample.kernelMemory);
    expect(held.length).toBeGreaterThanOrEqual(2 * 3);
    expect(held).not.toContain(undefined);
    expect(notes.filter((text) => text.startsWith("cycle "))).toHaveLength(2);
  });
});

describe("a watched guest", { timeout: 240_000 }, () => {
  it("is seen through a lost connection, and a reset of its interface is noticed", async () => {
    const to = io();
    const watch = await startWatch(hosts, { interval: "1s", silence: "20s" }, to);
    watch.mark("stress");
    const { target } = hosts.target;
    await target.check("echo '<4>something of note' >/dev/kmsg", limit);
    await expect.poll(() => lineCount(to, "samples.jsonl"), { timeout: 90_000 }).toBeGreaterThan(4);
    await target.disconnect();
    const seen = lineCount(to, "samples.jsonl");
    await expect.poll(() => lineCount(to, "samples.jsonl"), { timeout: 90_000 }).toBeGreaterThan(seen + 3);
    await target.check("ip link set eth0 down && ip link set eth0 up", limit);
    await expect
      .poll(() => readFileSync(join(to.evidence, "dmesg.log"), "utf8"), { timeout: 90_000 })
      .toContain("NIC Link is Up");
    const after = lineCount(to, "samples.jsonl");
    await expect.poll(() => lineCount(to, "samples.jsonl"), { timeout: 90_000 }).toBeGreaterThan(after + 1);
    const record = await watch.stop();
    expect(record.reconnects).toBe(1);
    expect(record.nicResets.join()).toMatch(/eth0: the carrier changed/);
    expect(record.kernelLog.match(/something of note/g)).toHaveLength(1);
    expect(record.kernelLog).not.toContain("Linux version");
    expect(record.console).toContain("something of note");
    const series = readSeries(readFileSync(join(to.evidence, "samples.jsonl"), "utf8"));
    expect(series.length).toBe(record.samples.length);
    const last = series.at(-1)!.sample;
    expect(last.unaccountedBytes).toBe(record.samples.at(-1)!.unaccountedBytes);
    expect(last.nics.eth0?.counters.tx_packets).toBeGreaterThan(0);
    expect(Object.keys(last.slabs).length).toBeGreaterThan(20);
  });

  it("that a second tarbisect begins to watch is known to be shared", async () => {
    const [first, second] = await Promise.all([
      startWatch(hosts, { interval: "1s", silence: "20s" }, io()),
      startWatch(hosts, { interval: "1s", silence: "20s" }, io()),
    ]);
    const third = await startWatch(hosts, { interval: "1s", silence: "20s" }, io());
    await expect.poll(() => third.samples.length, { timeout: 90_000 }).toBeGreaterThan(2);
    const records = await Promise.all([first.stop(), second.stop(), third.stop()]);
    expect(records.map(({ shared }) => shared)).toEqual([true, true, undefined]);
  });

  it("that panics raises an alarm with the panic's stack", async () => {
    const watch = await startWatch(hosts, { interval: "1s", silence: "20s" }, io());
    watch.mark("stress");
    const { target } = hosts.target;
    void target.run("echo c >/proc/sysrq-trigger", { timeoutMs: 3000 });
    const alarm = await watch.alarm;
    expect(alarm).toMatchObject({
      kind: "kernel-event",
      event: { title: "kernel panic: sysrq triggered crash" },
    });
    const record = await watch.stop();
    expect(record.console).toContain("sysrq_handle_crash");
    await expect.poll(() => target.bootId(), { timeout: 60_000, interval: 500 }).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("that hangs is silent, and its peers do not hear it either", async () => {
    const { target } = hosts.target;
    const asked = askedForAddresses();
    const watch = await startWatch(asked.hosts, { interval: "1s", silence: "5s" }, io());
    watch.mark("stress");
    await asked.all;
    await target.power!.off();
    expect(await watch.alarm).toMatchObject({ kind: "silent", peersReachIt: false });
    await watch.stop();
    await target.power!.on();
    await expect.poll(() => target.bootId(), { timeout: 90_000, interval: 500 }).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("whose ssh alone is gone is silent too, but its peers hear it", async () => {
    const { target } = hosts.target;
    await expect
      .poll(() => target.check("cat /sys/class/net/eth0/carrier", limit), { timeout: 90_000 })
      .toBe("1\n");
    const asked = askedForAddresses();
    const watch = await startWatch(asked.hosts, { interval: "1s", silence: "5s" }, io());
    watch.mark("stress");
    await asked.all;
    void target.run("killall dropbear", limit);
    expect(await watch.alarm).toMatchObject({ kind: "silent", peersReachIt: true });
    await watch.stop();
  });
});

/** The hosts, and when all of them have told their addresses: the watch asks while the target still answers. */
function askedForAddresses(): { hosts: TrialHosts; all: Promise<unknown> } {
  const told: Promise<void>[] = [];
  const listened = [hosts.target, ...hosts.peers].map((host) => {
    let tell = (): void => undefined;
    told.push(new Promise((resolve) => (tell = resolve)));
    const run: typeof host.target.run = async (command, options) => {
      const result = await host.target.run(command, options);
      if (command.includes("addr show scope global") && result.stdout.includes(" inet ")) tell();
      return result;
    };
    return { ...host, target: { ...host.target, run } };
  });
  return { hosts: { target: listened[0]!, peers: listened.slice(1) }, all: Promise.all(told) };
}

function lineCount(to: TrialIo, file: string): number {
  return readFileSync(join(to.evidence, file), "utf8").split("\n").length;
}
