// The parts of a step that need machines, on two real guests. One lab serves all of it.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSeries } from "../../src/evidence/host-sample.js";
import { cacheFolder } from "../../src/host/cache-folder.js";
import { configureShape } from "../../src/step/configure-settings.js";
import { configure } from "../../src/step/configure.js";
import { runMesh } from "../../src/step/mesh.js";
import { stressShape } from "../../src/step/stress-settings.js";
import type { TrialHosts, TrialIo } from "../../src/step/trial-hosts.js";
import { startWatch } from "../../src/step/watch.js";
import type { LabPlan } from "../../src/target/lab/lab-plan.js";
import { labFolder, removeLab } from "../../src/target/lab/lab-state.js";
import { labTarget } from "../../src/target/lab/lab-target.js";
import { startLab } from "../../src/target/lab/start-lab.js";

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

describe("configured guests", { timeout: 120_000 }, () => {
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

  it("whose iperf3 is killed give a broken stress, not a verdict", async () => {
    const settings = stressShape.parse({ flows: [{ from: "peer1", to: "target" }], duration: "60s" });
    const mesh = runMesh(hosts, settings, { ...io(), stop: new AbortController().signal });
    const { target } = hosts.target;
    await expect
      .poll(() => target.check("ps | grep -c '[i]perf3 -s' || true", limit), { timeout: 20_000 })
      .not.toBe("0\n");
    await target.check("killall iperf3", limit);
    expect(await mesh).toMatchObject({
      kind: "broken",
      host: "target",
      detail: expect.stringContaining("iperf3 -s") as string,
    });
  });
});

describe("a watched guest", { timeout: 240_000 }, () => {
  it("is seen through a lost connection, and a reset of its interface is noticed", async () => {
    const to = io();
    const watch = await startWatch(hosts, { interval: "1s", silence: "20s" }, to);
    watch.mark("stress");
    const { target } = hosts.target;
    await target.check("echo '<4>something of note' >/dev/kmsg", limit);
    await expect.poll(() => lineCount(to, "samples.jsonl"), { timeout: 20_000 }).toBeGreaterThan(4);
    await target.disconnect();
    const seen = lineCount(to, "samples.jsonl");
    await expect.poll(() => lineCount(to, "samples.jsonl"), { timeout: 20_000 }).toBeGreaterThan(seen + 3);
    await target.check("ip link set eth0 down && ip link set eth0 up", limit);
    await expect
      .poll(() => readFileSync(join(to.evidence, "dmesg.log"), "utf8"), { timeout: 20_000 })
      .toContain("NIC Link is Up");
    const after = lineCount(to, "samples.jsonl");
    await expect.poll(() => lineCount(to, "samples.jsonl"), { timeout: 20_000 }).toBeGreaterThan(after + 1);
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

  it("that panics raises an alarm with the panic's stack, and the watch ends at once", async () => {
    const watch = await startWatch(hosts, { interval: "1s", silence: "20s" }, io());
    watch.mark("stress");
    const { target } = hosts.target;
    void target.run("echo c >/proc/sysrq-trigger", { timeoutMs: 3000 });
    const alarm = await watch.alarm;
    expect(alarm).toMatchObject({
      kind: "kernel-event",
      event: { title: "kernel panic: sysrq triggered crash" },
    });
    const asked = performance.now();
    const record = await watch.stop();
    expect(performance.now() - asked).toBeLessThan(2000);
    expect(record.console).toContain("sysrq_handle_crash");
    await expect.poll(() => target.bootId(), { timeout: 60_000, interval: 500 }).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("that hangs is silent, and its peers do not hear it either", async () => {
    const { target } = hosts.target;
    const watch = await startWatch(hosts, { interval: "1s", silence: "5s" }, io());
    watch.mark("stress");
    await sleep(5000); // the target is asked for its addresses while it still answers
    await target.power!.off();
    expect(await watch.alarm).toMatchObject({ kind: "silent", peersReachIt: false });
    await watch.stop();
    await target.power!.on();
    await expect.poll(() => target.bootId(), { timeout: 90_000, interval: 500 }).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("whose ssh alone is gone is silent too, but its peers hear it", async () => {
    const { target } = hosts.target;
    await expect
      .poll(() => target.check("cat /sys/class/net/eth0/carrier", limit), { timeout: 20_000 })
      .toBe("1\n");
    const watch = await startWatch(hosts, { interval: "1s", silence: "5s" }, io());
    watch.mark("stress");
    await sleep(5000); // the target is asked for its addresses while it still answers
    void target.run("killall dropbear", limit);
    expect(await watch.alarm).toMatchObject({ kind: "silent", peersReachIt: true });
    await watch.stop();
  });
});

function lineCount(to: TrialIo, file: string): number {
  return readFileSync(join(to.evidence, file), "utf8").split("\n").length;
}
