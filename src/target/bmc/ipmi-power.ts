// A machine's power by IPMI's chassis control.
import { harnessFault } from "../../fault/fault.js";
import { pollingSwitch, type PowerStatus, type PowerSwitch } from "../power.js";
import type { BmcAccess } from "./bmc-settings.js";
import { expectAnswer } from "./ipmi-command.js";

export function ipmiPower(access: BmcAccess): PowerSwitch {
  const request = async (action: "on" | "off"): Promise<void> => {
    await expectAnswer(access, ["chassis", "power", action]);
  };
  return pollingSwitch(
    {
      status: async () => parseChassis(await expectAnswer(access, ["chassis", "power", "status"])),
      on: () => request("on"),
      off: () => request("off"),
    },
    {
      limitMs: access.bmc.switchSeconds * 1000,
      pollMs: 1000,
      offMs: access.bmc.offSeconds * 1000,
    },
  );
}

function parseChassis(text: string): PowerStatus {
  const word = /^Chassis Power is (on|off)$/m.exec(text)?.[1];
  if (word === "on" || word === "off") return word;
  throw harnessFault(`ipmitool says of the power: "${text.trim()}"`);
}
