// A BMC's identity and event log by Redfish's Managers and LogServices.
import type { BmcAccess } from "./bmc-settings.js";
import { onOurClock, type BmcController, type BmcEvent } from "./controller.js";
import { linkOf, membersOf, withRedfish, type RedfishClient, type Resource } from "./redfish-client.js";
import { findSystem } from "./redfish-system.js";

export function redfishController(access: BmcAccess): BmcController {
  return {
    identify: () =>
      withRedfish(access, async (client) => {
        const system = await findSystem(access, client);
        const manager = await findManager(system, client);
        return {
          model: wordsOf(system, ["Manufacturer", "Model"]),
          firmware: wordsOf(manager, ["Model", "FirmwareVersion"]),
        };
      }),
    events: (since) =>
      withRedfish(access, async (client) => {
        const system = await findSystem(access, client);
        const manager = await findManager(system, client);
        const oursMs = Date.now();
        const told = Date.parse(String(manager.DateTime));
        const moment = { oursMs, bmcMs: Number.isNaN(told) ? oursMs : told };
        const entries = [...(await readLogs(system, client)), ...(await readLogs(manager, client))];
        return entries.flatMap((entry): BmcEvent[] => {
          const ms = Date.parse(String(entry.Created));
          const at = onOurClock(ms, moment);
          if (Number.isNaN(ms) || at < since) return [];
          return [{ at, text: wordsOf(entry, ["Severity", "Message"]) }];
        });
      }),
  };
}

/** The manager that the system names, or nothing. */
async function findManager(system: Resource, client: RedfishClient): Promise<Resource> {
  const managers = (system.Links as Resource | undefined)?.ManagedBy;
  const path = Array.isArray(managers) ? linkOf(managers[0]) : undefined;
  return path === undefined ? {} : client.get(path);
}

const mostPages = 20;

/** The entries of its logs of events; audit and fault logs of other kinds hold thousands of lines on nobody's crash. */
async function readLogs(owner: Resource, client: RedfishClient): Promise<Resource[]> {
  const path = linkOf(owner.LogServices);
  if (path === undefined) return [];
  const found: Resource[] = [];
  for (const member of membersOf(await client.get(path))) {
    const service = await client.get(member);
    const kinds = [service.LogEntryType, service.Id].map(String);
    if (!kinds.some((kind) => /^(SEL|Event|EventLog|IEL|IML|Log1?)$/i.test(kind))) continue;
    found.push(...(await readEntries(linkOf(service.Entries), client)));
  }
  return found;
}

async function readEntries(first: string | undefined, client: RedfishClient): Promise<Resource[]> {
  const found: Resource[] = [];
  for (let path = first, pages = 0; path !== undefined && pages < mostPages; pages++) {
    const page = await client.get(path);
    for (const entry of Array.isArray(page.Members) ? (page.Members as Resource[]) : []) {
      const link = linkOf(entry);
      found.push(entry.Created === undefined && link !== undefined ? await client.get(link) : entry);
    }
    const next = page["Members@odata.nextLink"];
    path = typeof next === "string" && next.startsWith("/") ? next : undefined;
  }
  return found;
}

function wordsOf(resource: Resource, names: readonly string[]): string {
  return names
    .map((name) => resource[name])
    .filter((value) => typeof value === "string" && value !== "")
    .join(" ");
}
