// A machine's power by Redfish's ComputerSystem.Reset, with the reset types that the machine itself lists.
import { harnessFault } from "../../fault/fault.js";
import { pollingSwitch, type PowerStatus, type PowerSwitch } from "../power.js";
import type { BmcAccess } from "./bmc-settings.js";
import { withRedfish, type RedfishClient, type Resource } from "./redfish-client.js";
import { findSystem } from "./redfish-system.js";

/** A kernel that panicked follows no request to shut down. */
const resetTypes = { on: ["On", "ForceOn"], off: ["ForceOff"] } as const;

export function redfishPower(access: BmcAccess): PowerSwitch {
  const request = (wanted: PowerStatus): Promise<void> =>
    withRedfish(access, async (client) => {
      const system = await findSystem(access, client);
      const reset = await readReset(client, system);
      const type = resetTypes[wanted].find((each) => reset.types.includes(each));
      if (type === undefined)
        throw harnessFault(
          `the BMC at ${access.bmc.host} lists no reset type that switches ${wanted}: ${reset.types.join(", ")}`,
        );
      await client.post(reset.path, { ResetType: type });
    });
  return pollingSwitch(
    {
      status: () => withRedfish(access, async (client) => parsePower(await findSystem(access, client))),
      on: () => request("on"),
      off: () => request("off"),
    },
    { limitMs: access.bmc.switchSeconds * 1000, pollMs: 1000, offMs: access.bmc.offSeconds * 1000 },
  );
}

/** Where the reset is asked for and what is allowed there, in the system itself or in its ActionInfo (DSP0266, 9.6). */
async function readReset(
  client: RedfishClient,
  system: Resource,
): Promise<{ path: string; types: string[] }> {
  const action = (system.Actions as Resource | undefined)?.["#ComputerSystem.Reset"] as Resource | undefined;
  const path = action?.target;
  if (action === undefined || typeof path !== "string" || !path.startsWith("/"))
    throw harnessFault("the computer system offers no ComputerSystem.Reset");
  const listed = action["ResetType@Redfish.AllowableValues"];
  if (Array.isArray(listed)) return { path, types: listed.map(String) };
  const info = action["@Redfish.ActionInfo"];
  const parameters = typeof info === "string" ? (await client.get(info)).Parameters : [];
  const found = (Array.isArray(parameters) ? (parameters as Resource[]) : []).find(
    ({ Name }) => Name === "ResetType",
  );
  const types = found?.AllowableValues;
  return { path, types: Array.isArray(types) ? types.map(String) : [] };
}

/** On its way counts as where it comes from. */
const powerStates: Readonly<Record<string, PowerStatus>> = {
  On: "on",
  PoweringOff: "on",
  Paused: "on",
  Off: "off",
  PoweringOn: "off",
};

function parsePower({ PowerState }: Resource): PowerStatus {
  const status = powerStates[String(PowerState)];
  if (status !== undefined) return status;
  throw harnessFault(`the computer system's PowerState is "${String(PowerState)}"`);
}
