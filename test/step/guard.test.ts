// The guard itself on a real guest: what it does, and what it leaves.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setTimeout as sleep } from "node:timers/promises";
import { cacheFolder } from "../../src/host/cache-folder.js";
import { armGuard, type Guard } from "../../src/step/guard.js";
import { guardShape } from "../../src/step/guard-settings.js";
import type { TrialHost } from "../../src/step/trial-hosts.js";
import { labFolder, removeLab } from "../../src/target/lab/lab-state.js";
import { labTarget } from "../../src/target/lab/lab-target.js";
import { startLab } from "../../src/target/lab/start-lab.js";

const cache = cacheFolder(process.env);
const name = `guard-${process.pid}`;
const limit = { timeoutMs: 20_000 };
let host: TrialHost;

beforeAll(async () => {
  const settings = {
    name,
    kernel: undefined,
    nic: "e1000",
    guests: 2,
    memoryMb: 384,
    panicSeconds: 1,
  } as const;
  const lab = await startLab(settings, { cacheFolder: cache });
  host = { name: "target", target: labTarget(lab, lab.guests[0]!), interfaces: [{ driver: "e1000" }] };
}, 300_000);
afterAll(async () => {
  await host.target.disconnect();
  await removeLab(labFolder(cache, name));
});

const interfaceIndex = (): Promise<string> => host.target.check("cat /sys/class/net/eth0/ifindex", limit);
const remains = (): Promise<string> =>
  host.target.check("ls /run | grep guard; ps | grep '[t]arbisect-guard/guard'; true", limit);

function arm(settings: object): Promise<Guard> {
  return armGuard(host, {
    settings: guardShape.parse(settings),
    modules: ["e1000"],
    inTree: "e1000",
    interfaces: ["eth0"],
  });
}

describe("a guard", { timeout: 400_000 }, () => {
  it("does nothing while it hears from us, and is gone when it is disarmed", async () => {
    const before = await interfaceIndex();
    const guard = await arm({ silence: "30s" });
    expect(await remains()).toMatch(/^tarbisect-guard\n[^]*sh \/run\/tarbisect-guard\/guard/);
    await sleep(45_000);
    expect(guard.mayHaveActed(performance.now())).toBe(false);
    await guard.disarm();
    expect(await remains()).toBe("");
    expect(await interfaceIndex()).toBe(before);
  });

  it("without a word puts the driver back with its addresses and routes; the next one takes its place", async () => {
    await host.target.check("ip route add 10.99.0.0/16 via 10.77.1.2 dev eth0", limit);
    const before = await interfaceIndex();
    const guard = await arm({ silence: "5s" });
    guard.leave();
    await expect
      .poll(() => host.target.check("dmesg | grep 'tarbisect guard' || true", limit), {
        timeout: 90_000,
        interval: 1000,
      })
      .toMatch(/no word for 5 s[^]*own driver is back/);
    expect(guard.mayHaveActed(performance.now())).toBe(true);
    expect(await interfaceIndex()).not.toBe(before);
    expect(await host.target.check("ip -4 addr show dev eth0; ip route", limit)).toMatch(
      /inet 10\.77\.1\.1\/24[^]*10\.99\.0\.0\/16 via 10\.77\.1\.2 dev eth0/,
    );
    await (await arm({ silence: "60s" })).disarm();
    expect(await remains()).toBe("");
  });

  it("reboots when it is told to", async () => {
    const before = await host.target.bootId();
    (await arm({ silence: "5s", then: "reboot" })).leave();
    await expect
      .poll(() => host.target.bootId(), { timeout: 240_000, interval: 1000 })
      .toSatisfy((id) => id !== undefined && id !== before);
    expect(await remains()).toBe("");
  });
});
