// Power, identity and event log by Redfish, over real HTTPS; the service keeps DMTF's schema.
import { afterEach, describe, expect, it } from "vitest";
import { redfishController } from "../../src/target/bmc/redfish-controller.js";
import { redfishPower } from "../../src/target/bmc/redfish-power.js";
import { startRedfish, type RedfishService, type ServiceForm } from "./redfish-service.js";

let service: RedfishService;
const start = async (form?: ServiceForm): Promise<RedfishService> => (service = await startRedfish(form));
afterEach(() => service.stop());

describe("power by Redfish", () => {
  it.each([{}, { actionInfo: true }])(
    "is switched by the types that the machine lists (%j)",
    async (form) => {
      await start(form);
      const power = redfishPower(service.access({ fingerprint: service.fingerprint }));
      expect(await power.status()).toBe("on");
      await power.cycle();
      expect(service.machine.power).toBe("On");
      await power.off();
      await power.off(); // HTTP 409 says that it is so already
      expect(service.machine.power).toBe("Off");
      expect(service.asked.filter((each) => each.startsWith("POST"))).toHaveLength(4);
    },
  );

  it("finds the only system; of several it wants a name", async () => {
    await start({ systems: ["Blade.1", "Blade.2"] });
    const pinned = { fingerprint: service.fingerprint };
    await expect(redfishPower(service.access(pinned)).status()).rejects.toMatchObject({
      message: expect.stringContaining("has 2 computer systems, not one") as string,
      hint: "bmc.redfish.system: one of Blade.1, Blade.2",
    });
    expect(await redfishPower(service.access({ ...pinned, system: "Blade.2" })).status()).toBe("on");
  });

  it("says what is listed when nothing of it switches off", async () => {
    await start({ types: ["On", "GracefulRestart"] });
    const power = redfishPower(service.access({ fingerprint: service.fingerprint }));
    await expect(power.off()).rejects.toThrow(/no reset type that switches off: On, GracefulRestart$/);
  });

  it("asks a wrong password once, and a busy service again", async () => {
    await start();
    const pinned = { fingerprint: service.fingerprint };
    const wrong = redfishPower(service.access(pinned, "guessed"));
    await expect(wrong.status()).rejects.toThrow(
      /lets root not in .*HTTP 401: The credentials are wrong: Basic \[secret idrac\]/,
    );
    expect(service.asked).toHaveLength(1);
    service.machine.busy = 2;
    expect(await redfishPower(service.access(pinned)).status()).toBe("on");
  });

  it("tells a service that is not there", async () => {
    await start();
    const access = service.access({ fingerprint: service.fingerprint });
    await service.stop();
    await expect(redfishPower(access).status()).rejects.toThrow(
      /the BMC at 127\.0\.0\.1:\d+ can't be asked: /,
    );
    await start();
  });
});

describe("a certificate", () => {
  it("that nobody trusts, or another than the pinned one, gets no password", async () => {
    await start();
    await expect(redfishPower(service.access({})).status()).rejects.toMatchObject({
      message: expect.stringMatching(/^the certificate of the BMC at \S+ is not trusted: /) as string,
      hint: expect.stringContaining("fingerprint") as string,
    });
    const other = service.fingerprint.replace(/^../, (byte) => (byte === "00" ? "01" : "00"));
    await expect(redfishPower(service.access({ fingerprint: other })).status()).rejects.toThrow(
      /has the fingerprint [0-9A-F:]{95}, not the pinned one/,
    );
    expect(service.asked).toEqual([]);
  });

  it("is trusted by its authority", async () => {
    await start();
    expect(await redfishPower(service.access({ ca: service.certificate })).status()).toBe("on");
  });
});

it("a BMC says what it is, and its events on our clock", async () => {
  await start();
  service.machine.clockAheadMs = 3_600_000;
  const controller = redfishController(service.access({ fingerprint: service.fingerprint }));
  expect(await controller.identify()).toEqual({
    model: "Dell Inc. PowerEdge R640",
    firmware: "14G Monolithic 7.00.00.00",
  });
  const since = new Date(Date.now() - 60_000);
  const events = await controller.events(since);
  expect(events.map(({ text }) => text)).toEqual(["Critical CPU 1 machine check error detected."]);
  expect(events[0]!.at.getTime()).toBeGreaterThan(since.getTime());
  expect(events[0]!.at.getTime()).toBeLessThanOrEqual(Date.now());
  expect(service.asked.join()).not.toContain("Lclog/Entries");
});
