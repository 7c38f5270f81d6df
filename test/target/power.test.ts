import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openSecrets } from "../../src/host/secrets.js";
import { hostShape, openTarget } from "../../src/target/host-description.js";
import { commandPower } from "../../src/target/power.js";

const secrets = openSecrets({});
const folder = mkdtempSync(join(tmpdir(), "power-"));
const state = join(folder, "state");
const commands = {
  on: `sleep 0.2 && echo on >${state} &`,
  off: `sleep 0.2 && echo off >${state} &`,
  status: `echo Chassis Power is $(cat ${state})`,
  offSeconds: 0,
};
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("power by commands", () => {
  it("returns when the status says so, not when the request was taken", async () => {
    writeFileSync(state, "on");
    const power = commandPower(commands, { limitMs: 60_000, pollMs: 20 });
    await power.off();
    expect(await power.status()).toBe("off");
    await power.cycle();
    expect(await power.status()).toBe("on");
  });

  it("leaves the machine off for as long as the settings say", async () => {
    writeFileSync(state, "on");
    const log = join(folder, "log");
    const stamped = {
      on: `date +%s%N >>${log}; echo on >${state}`,
      off: `echo off >${state}; date +%s%N >>${log}`,
      status: commands.status,
      offSeconds: 1,
    };
    await commandPower(stamped, { limitMs: 60_000, pollMs: 20 }).cycle();
    const [off, on] = readFileSync(log, "utf8").trim().split("\n").map(BigInt);
    expect(on! - off!).toBeGreaterThan(990_000_000n);
  });

  it("does not believe a switch that lies", async () => {
    writeFileSync(state, "on");
    const power = commandPower({ ...commands, off: "true" }, { limitMs: 100, pollMs: 20 });
    await expect(power.cycle()).rejects.toMatchObject({ blame: "target-lost" });
  });

  it("takes a machine that is so already for done, whatever the request says", async () => {
    writeFileSync(state, "off");
    const power = commandPower({ ...commands, off: "echo already off >&2; exit 1" });
    await power.off();
    writeFileSync(state, "on");
    await expect(power.off()).rejects.toThrow(/exit code 1: already off/);
  });

  it("waits for a switch that does not answer while it works", async () => {
    writeFileSync(state, "on");
    const mute = join(folder, "mute");
    const off = `touch ${mute}; (sleep 0.3; echo off >${state}; rm ${mute}) &`;
    const status = `[ ! -e ${mute} ] && ${commands.status}`;
    await commandPower({ ...commands, off, status }, { limitMs: 60_000, pollMs: 20 }).off();
    expect(existsSync(mute)).toBe(false);
  });

  it("says what a status command printed that is neither on nor off", async () => {
    const power = commandPower({ ...commands, status: "echo perhaps" });
    await expect(power.status()).rejects.toThrow('the power status command printed "perhaps"');
  });
});

describe("a host's description", () => {
  it("opens a target with its power and console", async () => {
    const host = hostShape.parse({ local: true, power: commands, console: "/var/log/console" });
    const target = await openTarget("here", host, { cacheFolder: folder, env: process.env, secrets });
    expect(await target.check("echo there", { timeoutMs: 5000 })).toBe("there\n");
    expect([target.power !== undefined, target.console?.name]).toEqual([true, "/var/log/console"]);
  });

  it.each([
    [{}, "needs exactly one of ssh, local and lab"],
    [{ local: true, ssh: "server" }, "needs exactly one of ssh, local and lab"],
    [{ local: true, interfaces: [{ pci: "1:0" }] }, "is like 0000:01:00.0"],
    [{ local: true, power: "ipmi" }, "needs bmc"],
    [{ local: true, console: { sol: true } }, "needs bmc"],
    [{ local: true, console: { tcp: "here" } }, "is like consoles:3001"],
    [{ local: true, console: { telnet: "here" } }, "is a path, { sol: true }"],
    [{ local: true, bmc: { host: "b", user: "root", password: "my password" } }, "is the name of a secret"],
  ])("%j is refused", (host, message) => {
    expect(JSON.stringify(hostShape.safeParse(host).error?.issues)).toContain(message);
  });

  it("of a lab that is not up is a fault with the command that helps", async () => {
    await expect(
      openTarget("guest", { lab: "target" }, { cacheFolder: folder, env: process.env, secrets }),
    ).rejects.toMatchObject({
      blame: "harness",
      hint: "tarbisect lab up",
    });
  });
});
