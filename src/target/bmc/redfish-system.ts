import { harnessFault } from "../../fault/fault.js";
import type { BmcAccess } from "./bmc-settings.js";
import { linkOf, membersOf, type RedfishClient, type Resource } from "./redfish-client.js";

/** The computer system that the settings name, or the only one there is. */
export async function findSystem({ bmc }: BmcAccess, client: RedfishClient): Promise<Resource> {
  const root = await client.get("/redfish/v1/");
  const systems = linkOf(root.Systems);
  if (systems === undefined) throw harnessFault(`the BMC at ${bmc.host} lists no computer systems`);
  const members = membersOf(await client.get(systems));
  const { system } = bmc.redfish;
  const chosen = system === undefined ? members : members.filter((path) => path.split("/").at(-1) === system);
  if (chosen.length === 1 && chosen[0] !== undefined) return client.get(chosen[0]);
  const names = members.map((path) => path.split("/").at(-1)).join(", ");
  throw harnessFault(
    `the BMC at ${bmc.host} has ${chosen.length} computer systems${system === undefined ? "" : ` named ${system}`}, not one`,
    { hint: `bmc.redfish.system: one of ${names || "none"}` },
  );
}
