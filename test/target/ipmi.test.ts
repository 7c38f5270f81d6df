// Power, identity, event log and serial over LAN by ipmitool against OpenIPMI's simulator.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ipmiController, parseSel } from "../../src/target/bmc/ipmi-controller.js";
import { sortWords } from "../../src/target/bmc/ipmi-command.js";
import { ipmiPower } from "../../src/target/bmc/ipmi-power.js";
import { password, startIpmi, type IpmiSimulator } from "./ipmi-simulator.js";
import { recordPrograms } from "./started-programs.js";

const folder = mkdtempSync(join(tmpdir(), "ipmi-test-"));
const state = join(folder, "state");
const log = join(folder, "log");
let bmc: IpmiSimulator;

beforeAll(async () => {
  writeFileSync(state, "1");
  bmc = await startIpmi({
    getPower: `cat ${state}`,
    // The machine takes its time, as machines do.
    setPower: `echo "$1" >>${log}; (sleep 1; echo "$1" >${state}) >/dev/null 2>&1 &`,
  });
});
afterAll(async () => {
  await bmc.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("power by IPMI", { timeout: 400_000 }, () => {
  it("is switched, and believed when the status says so", async () => {
    const power = ipmiPower(bmc.access);
    expect(await power.status()).toBe("on");
    await power.off();
    expect(readFileSync(state, "utf8")).toBe("0\n");
    await power.off(); // off already is no error
    writeFileSync(log, "");
    await power.cycle();
    expect(readFileSync(state, "utf8")).toBe("1\n");
    expect(readFileSync(log, "utf8")).toMatch(/1\n$/);
  });

  it("shows the password to nobody", async () => {
    const programs = recordPrograms(join(folder, "started"));
    await ipmiPower({ ...bmc.access, env: { ...process.env, ...programs.env } }).status();
    const started = programs.read();
    expect(started.map(({ argv }) => argv.join(" ")).join("\n")).toMatch(/^ipmitool .* -U admin /m);
    expect(started.flatMap(({ argv }) => argv).join("\n")).not.toContain(password);
    // The environment of a process is its user's alone.
    expect(started.flatMap(({ env }) => env)).toContain(`IPMI_PASSWORD=${password}`);
  });

  it("tells a wrong password and an unknown user from a BMC that is not there", async () => {
    const wrong = ipmiPower(bmc.accessOf("admin", "guessed"));
    await expect(wrong.status()).rejects.toThrow(/answers but lets admin not in/);
    await expect(wrong.status()).rejects.not.toThrow(/guessed/);
    const unknown = ipmiPower(bmc.accessOf("nobody", password));
    await expect(unknown.status()).rejects.toThrow(/answers but lets nobody not in/);
    const other = await startIpmi({ getPower: "echo 1", setPower: "true" });
    await other.stop();
    const { bmc: there } = other.access;
    const gone = { ...there, ipmi: { ...there.ipmi, retrySeconds: 1, retries: 1 } };
    await expect(ipmiPower({ ...other.access, bmc: gone }).status()).rejects.toThrow(
      /the BMC at \S+ does not answer: /,
    );
  });

  // What no simulator says on request: ipmitool's words for completion codes C0 and D2, and for RMCP+ status 01.
  it.each([
    ["Set Chassis Power Control to Up/On failed: Node busy", "busy"],
    ["Get Chassis Power Status failed: BMC initialization in progress", "busy"],
    ["Error in open session response message : insufficient resources for session", "busy"],
    ["Set Chassis Power Control to Up/On failed: Insufficient privilege level", "refused"],
    ["Error: Unable to establish IPMI v2 / RMCP+ session", "no-session"],
  ])("sorts %j", (text, kind) => {
    expect(sortWords(text)).toBe(kind);
  });

  it("tells a user who may not switch", async () => {
    const reader = bmc.accessOf("reader", password);
    const asUser = {
      ...reader,
      bmc: { ...reader.bmc, ipmi: { ...reader.bmc.ipmi, privilege: "USER" as const } },
    };
    expect(await ipmiPower(asUser).status()).toBe("on");
    await expect(ipmiPower(asUser).off()).rejects.toThrow(/refused "chassis power off": .*privilege/i);
  });
});

describe("a BMC", { timeout: 240_000 }, () => {
  it("says what it is, and what it wrote down since a time", async () => {
    const controller = ipmiController(bmc.access);
    expect(await controller.identify()).toEqual({ model: "MontaVista Software, Inc.", firmware: "9.08" });
    const before = new Date(Date.now() - 5000);
    await expect(controller.events(before)).rejects.toThrow(/its events have no time/);
    bmc.addEvent();
    const events = await controller.events(before);
    expect(events.map(({ text }) => text).join("\n")).toBe(
      "OS Critical Stop, Run-time critical stop, Asserted",
    );
    // Whole seconds, on our clock: neither before it was added nor after it was read.
    expect(events[0]!.at.getTime()).toBeGreaterThanOrEqual(before.getTime());
    expect(events[0]!.at.getTime()).toBeLessThanOrEqual(Date.now() + 1000);
    expect(await controller.events(new Date(Date.now() + 60_000))).toEqual([]);
  });

  it("whose log has entries without a date is read all the same", () => {
    const text =
      "1,Pre-Init,0000000012,System Event #0x83,Timestamp Clock Sync,Asserted\n2,11/28/26,13:00:01 UTC,Power Supply #0x51,Failure detected,Asserted\n";
    expect(parseSel(text)).toEqual([
      { ms: Date.parse("2026-11-28T13:00:01Z"), text: "Power Supply #0x51, Failure detected, Asserted" },
    ]);
  });
});
