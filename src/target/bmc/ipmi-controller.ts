// A BMC's identity and System Event Log by ipmitool.
import { harnessFault } from "../../fault/fault.js";
import type { BmcAccess } from "./bmc-settings.js";
import { onOurClock, type BmcController, type BmcEvent, type BmcIdentity } from "./controller.js";
import { expectAnswer } from "./ipmi-command.js";

export function ipmiController(access: BmcAccess): BmcController {
  // The BMC's clock has no zone: both readings are printed as if it were UTC.
  const inUtc: BmcAccess = { ...access, env: { ...access.env, TZ: "UTC" } };
  return {
    identify: async () => parseIdentity(await expectAnswer(access, ["mc", "info"])),
    events: async (since) => {
      const clock = await expectAnswer(inUtc, ["sel", "time", "get"]);
      const bmcMs = parseTime(clock.trim());
      if (bmcMs === undefined)
        throw harnessFault(`the BMC's clock says "${clock.trim()}": its events have no time`, {
          hint: "ipmitool sel time set now",
        });
      const moment = { bmcMs, oursMs: Date.now() };
      // Not elist: with a repository of sensors that is not as it expects, ipmitool 1.8.19 says that it erased it.
      const rows = parseSel(await expectAnswer(inUtc, ["-c", "sel", "list"]));
      return rows
        .map(({ ms, text }): BmcEvent => ({ at: onOurClock(ms, moment), text }))
        .filter(({ at }) => at >= since);
    },
  };
}

export function parseIdentity(text: string): BmcIdentity {
  const of = (name: string): string => new RegExp(`^${name}\\s*: (.*)$`, "m").exec(text)?.[1]?.trim() ?? "";
  const model = [of("Manufacturer Name"), of("Product Name")].filter((each) => !/^Unknown/.test(each));
  return { model: model.join(" ").trim(), firmware: of("Firmware Revision") };
}

/** `ipmitool -c sel list`: number, date, time, sensor, event, direction; entries from before the clock was set have no date. */
export function parseSel(text: string): { ms: number; text: string }[] {
  return text.split("\n").flatMap((line) => {
    const [, date = "", time = "", ...event] = line.split(",").map((field) => field.trim());
    const ms = parseTime(`${date} ${time}`);
    return ms === undefined ? [] : [{ ms, text: event.filter((field) => field !== "").join(", ") }];
  });
}

/** "11/28/26 13:00:01 UTC", in older ones with the whole year; month first, as ipmitool prints it in the C locale. */
function parseTime(text: string): number | undefined {
  const match = /^(\d\d)\/(\d\d)\/(\d{2,4}) (\d\d:\d\d:\d\d)(?: [A-Z]+)?$/.exec(text);
  if (match === null) return undefined;
  const [, month, day, year = "", clock] = match;
  const ms = Date.parse(`${year.length === 2 ? `20${year}` : year}-${month}-${day}T${clock}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}
