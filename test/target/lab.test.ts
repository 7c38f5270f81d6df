// A real guest: it boots, obeys its power switch, panics and comes back. One boot serves all the tests.
import { readFileSync, rmSync, writeFileSync, existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cacheFolder } from "../../src/host/cache-folder.js";
import { findLab, guestPid, labFolder, removeLab } from "../../src/target/lab/lab-state.js";
import { labTarget } from "../../src/target/lab/lab-target.js";
import type { LabPlan } from "../../src/target/lab/lab-plan.js";
import { startLab } from "../../src/target/lab/start-lab.js";
import type { Target } from "../../src/target/target.js";

const cache = cacheFolder(process.env);
const settings = {
  name: `test-${process.pid}`,
  kernel: undefined,
  nic: "e1000",
  guests: 2,
  memoryMb: 384,
  panicSeconds: 1,
} as const;
const folder = labFolder(cache, settings.name);
const limit = { timeoutMs: 10_000 };
let lab: LabPlan;
let target: Target;
let peer: Target;

beforeAll(async () => {
  lab = await startLab(settings, { cacheFolder: cache });
  target = labTarget(lab, lab.guests[0]!);
  peer = labTarget(lab, lab.guests[1]!);
}, 300_000);
afterAll(async () => {
  await target.disconnect();
  await peer.disconnect();
  await removeLab(folder);
});

describe("a lab's guests", () => {
  it("reach each other over the interface under test, which is not the one ssh uses", async () => {
    for (const guest of [target, peer])
      await expect
        .poll(() => guest.check("cat /sys/class/net/eth0/carrier", limit), { timeout: 10_000 })
        .toBe("1\n");
    // Carrier says that a card is up, not that the link between the guests is: the first packets may find no one.
    await target.check("ping -c 8 -W 1 10.77.1.2", limit);
    // "; true" keeps the shell from becoming setsid, which would fork then, and its child could be ended with the
    // command's process group before it has a session of its own.
    await target.check("setsid iperf3 -s -D -1 </dev/null >/dev/null 2>&1; true", limit);
    // -D returns before the server listens; a probing connection would be its only one (-1), so look at its socket.
    const listening = "grep -h ':1451 .* 0A ' /proc/net/tcp /proc/net/tcp6 | wc -l";
    await expect.poll(() => target.check(listening, limit), { timeout: 10_000 }).toBe("1\n");
    const command = "iperf3 -c 10.77.1.1 -t 2 -J --connect-timeout 3000";
    const report = JSON.parse(await peer.check(command, { timeoutMs: 20_000 })) as {
      error?: string;
      end: { sum_received: { bytes: number } };
    };
    expect(report.error).toBeUndefined();
    expect(report.end.sum_received.bytes).toBeGreaterThan(1_000_000);
    expect(await target.check("rmmod e1000 && modprobe e1000 && echo alive", limit)).toBe("alive\n");
  });

  it("answer many sessions that begin and end at once", async () => {
    const commands = ["true", "sleep 0.1; echo a", "ip addr", "true"];
    for (let round = 0; round < 25; round++) {
      const results = await Promise.all(
        commands.map((command) => target.run(command, { timeoutMs: 60_000 })),
      );
      for (const { end } of results) expect(end).toEqual({ kind: "exited", code: 0 });
    }
  }, 240_000);

  it("see no network beyond the machine", async () => {
    const result = await target.run("ip route add default via 10.0.2.2; nc -w 2 192.0.2.1 80", limit);
    expect(result.end).not.toEqual({ kind: "exited", code: 0 });
  });

  it("panic on request: seen as lost, on the console, in pstore, and back with another boot id", async () => {
    const before = await target.bootId();
    const result = await target.run("echo c >/proc/sysrq-trigger", { timeoutMs: 2000 });
    expect(result.end.kind).toBe("lost");
    expect(readFileSync(lab.guests[0]!.consoleLog, "utf8")).toContain("Kernel panic - not syncing: sysrq");
    await expect.poll(() => target.bootId(), { timeout: 40_000, interval: 500 }).toMatch(/^[0-9a-f-]{36}$/);
    expect(await target.bootId()).not.toBe(before);
    expect(await target.check("cat /sys/fs/pstore/dmesg*", limit)).toContain("sysrq_handle_crash");
  });

  it("obey the power switch", async () => {
    const before = await peer.bootId();
    await peer.power!.off();
    expect(await peer.power!.status()).toBe("off");
    await peer.disconnect();
    await peer.power!.cycle();
    await expect.poll(() => peer.bootId(), { timeout: 40_000, interval: 500 }).toMatch(/^[0-9a-f-]{36}$/);
    expect(await peer.bootId()).not.toBe(before);
  });

  it("are known as a dead lab when one is killed, and nothing stays", async () => {
    process.kill((await guestPid(lab.guests[1]!.pidFile))!, "SIGKILL");
    await expect.poll(() => guestPid(lab.guests[1]!.pidFile)).toBeUndefined();
    const pid = (await guestPid(lab.guests[0]!.pidFile))!;
    expect(await findLab(folder)).toEqual({ kind: "cleaned", reason: "the QEMU of guest peer1 had ended" });
    expect(existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, "utf8")).toBeFalsy();
    expect([existsSync(folder), existsSync(lab.socketFolder)]).toEqual([false, false]);
    expect(await findLab(folder)).toEqual({ kind: "none" });
  });
});

describe("a pid file", () => {
  it("does not make a stranger's process the lab's", async () => {
    const stranger = mkdtempSync(join(tmpdir(), "pid-"));
    writeFileSync(join(stranger, "target.pid"), String(process.pid));
    expect(await guestPid(join(stranger, "target.pid"))).toBeUndefined();
    await removeLab(stranger);
    rmSync(stranger, { recursive: true, force: true });
  });
});
