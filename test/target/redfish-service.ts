// A Redfish service for tests, with resources in the form of DMTF's schema (ServiceRoot, ComputerSystem v1.20, Manager
// v1.19, LogService v1.5, LogEntry v1.16) and an iDRAC's names, over HTTPS with a certificate of its own.
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bmcShape, type BmcAccess } from "../../src/target/bmc/bmc-settings.js";

export const password = "open: sesame 7";

export interface RedfishService {
  port: number;
  certificate: string;
  fingerprint: string;
  /** Requests as they came, such as "GET /redfish/v1/", with whether they held a password. */
  asked: string[];
  machine: { power: string; /** How often it is busy first. */ busy: number; clockAheadMs: number };
  access(redfish: object, secret?: string): BmcAccess;
  stop(): Promise<void>;
}

export interface ServiceForm {
  systems?: readonly string[];
  types?: readonly string[];
  /** The types are in an ActionInfo instead of the system itself. */
  actionInfo?: boolean;
}

export async function startRedfish(form: ServiceForm = {}): Promise<RedfishService> {
  const folder = mkdtempSync(join(tmpdir(), "redfish-"));
  const at = (name: string): string => join(folder, name);
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=idrac"];
  const files = ["-keyout", at("key"), "-out", at("cert"), "-addext", "subjectAltName=IP:127.0.0.1"];
  execFileSync("openssl", [...request, ...files], { stdio: "pipe" });
  const machine = { power: "On", busy: 0, clockAheadMs: 0 };
  const asked: string[] = [];
  const server = createServer({ key: readFileSync(at("key")), cert: readFileSync(at("cert")) });
  server.on("request", (message, response) => {
    const { method = "", url = "", headers } = message;
    asked.push(`${method} ${url}${headers.authorization === undefined ? " without password" : ""}`);
    const chunks: Buffer[] = [];
    message.on("data", (chunk: Buffer) => chunks.push(chunk));
    message.on("end", () => {
      const right = `Basic ${Buffer.from(`root:${password}`).toString("base64")}`;
      if (headers.authorization !== right)
        return refuse(response, 401, `The credentials are wrong: ${headers.authorization}`);
      if (machine.busy-- > 0) {
        response.setHeader("retry-after", "1");
        return refuse(response, 503, "The service is temporarily unavailable.");
      }
      const body = Buffer.concat(chunks).toString();
      if (method === "POST") return reset(response, { url, body, machine, types: typesOf(form) });
      const resource = resourceAt(url, form, machine);
      if (resource === undefined) refuse(response, 404, "The resource was not found.");
      else response.setHeader("content-type", "application/json").end(JSON.stringify(resource));
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  const { fingerprint256 } = new X509Certificate(readFileSync(at("cert")));
  return {
    port,
    certificate: at("cert"),
    fingerprint: fingerprint256,
    asked,
    machine,
    access: (redfish, secret = password) => ({
      bmc: bmcShape.parse({
        host: "127.0.0.1",
        user: "root",
        password: "idrac",
        redfish: { port, ...redfish },
        switchSeconds: 60,
        offSeconds: 0,
      }),
      password: () => Promise.resolve(secret),
      hide: (said) => said.replaceAll(secret, "[secret idrac]"),
      env: process.env,
    }),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function typesOf({ types = ["On", "ForceOff", "GracefulShutdown", "PushPowerButton"] }: ServiceForm) {
  return types;
}

/** ComputerSystem.Reset: accepted at once, done a little later. */
function reset(
  response: ServerResponse,
  at: { url: string; body: string; machine: { power: string }; types: readonly string[] },
): void {
  const { ResetType: type } = JSON.parse(at.body) as { ResetType: string };
  if (!at.url.endsWith("/Actions/ComputerSystem.Reset"))
    return refuse(response, 404, "There is no such action.");
  if (!at.types.includes(type))
    return refuse(response, 400, `The value ${type} for ResetType is not listed.`);
  const on = type === "On" || type === "ForceOn";
  if (on === (at.machine.power === "On"))
    return refuse(response, 409, `Server is already powered ${on ? "ON" : "OFF"}.`);
  at.machine.power = on ? "PoweringOn" : "PoweringOff";
  setTimeout(() => (at.machine.power = on ? "On" : "Off"), 1200);
  response.writeHead(202).end();
}

function refuse(response: ServerResponse, status: number, message: string): void {
  const error = {
    code: "Base.1.12.GeneralError",
    message: "A general error has occurred.",
    "@Message.ExtendedInfo": [{ MessageId: "Base.1.12.GeneralError", Message: message }],
  };
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ error }));
}

function resourceAt(
  url: string,
  form: ServiceForm,
  machine: { power: string; clockAheadMs: number },
): object | undefined {
  const systems = form.systems ?? ["System.Embedded.1"];
  const of = (id: string, type: string, more: object): object => ({
    "@odata.id": id,
    "@odata.type": type,
    ...more,
  });
  const link = (id: string): object => ({ "@odata.id": id });
  const now = (): string => new Date(Date.now() + machine.clockAheadMs).toISOString();
  const manager = "/redfish/v1/Managers/iDRAC.Embedded.1";
  const name = url.split("/")[4] ?? "";
  const path = `/redfish/v1/Systems/${name}`;
  const reset = {
    target: `${path}/Actions/ComputerSystem.Reset`,
    ...(form.actionInfo === true
      ? { "@Redfish.ActionInfo": `${path}/ResetActionInfo` }
      : { "ResetType@Redfish.AllowableValues": typesOf(form) }),
  };
  switch (url) {
    case "/redfish/v1/":
      return of(url, "#ServiceRoot.v1_15_0.ServiceRoot", {
        RedfishVersion: "1.17.0",
        Systems: link("/redfish/v1/Systems"),
        Managers: link("/redfish/v1/Managers"),
      });
    case "/redfish/v1/Systems":
      return of(url, "#ComputerSystemCollection.ComputerSystemCollection", {
        "Members@odata.count": systems.length,
        Members: systems.map((each) => link(`${url}/${each}`)),
      });
    case path:
      if (!systems.includes(name)) return undefined;
      return of(url, "#ComputerSystem.v1_20_0.ComputerSystem", {
        Id: name,
        Manufacturer: "Dell Inc.",
        Model: "PowerEdge R640",
        BiosVersion: "2.19.1",
        PowerState: machine.power,
        Links: { ManagedBy: [link(manager)] },
        Actions: { "#ComputerSystem.Reset": reset },
      });
    case `${path}/ResetActionInfo`:
      return of(url, "#ActionInfo.v1_3_0.ActionInfo", {
        Parameters: [
          { Name: "ResetType", Required: true, DataType: "String", AllowableValues: typesOf(form) },
        ],
      });
    case manager:
      return of(url, "#Manager.v1_19_0.Manager", {
        Model: "14G Monolithic",
        FirmwareVersion: "7.00.00.00",
        DateTime: now(),
        LogServices: link(`${manager}/LogServices`),
      });
    case `${manager}/LogServices`:
      return of(url, "#LogServiceCollection.LogServiceCollection", {
        Members: [link(`${url}/Sel`), link(`${url}/Lclog`)],
      });
    case `${manager}/LogServices/Sel`:
      return of(url, "#LogService.v1_5_0.LogService", {
        Id: "Sel",
        LogEntryType: "SEL",
        Entries: link(`${url}/Entries`),
      });
    case `${manager}/LogServices/Lclog`:
      return of(url, "#LogService.v1_5_0.LogService", {
        Id: "Lclog",
        LogEntryType: "Multiple",
        Entries: link(`${url}/Entries`),
      });
    case `${manager}/LogServices/Sel/Entries`:
      return of(url, "#LogEntryCollection.LogEntryCollection", {
        Members: [entry("2", "Critical", "CPU 1 machine check error detected.", now())],
        "Members@odata.nextLink": `${url}?$skip=1`,
      });
    case `${manager}/LogServices/Sel/Entries?$skip=1`:
      return of(url, "#LogEntryCollection.LogEntryCollection", {
        Members: [entry("1", "OK", "Log cleared.", "2020-01-01T00:00:00Z")],
      });
  }
  return undefined;
}

function entry(id: string, severity: string, message: string, created: string): object {
  return {
    "@odata.type": "#LogEntry.v1_16_0.LogEntry",
    Id: id,
    EntryType: "SEL",
    Severity: severity,
    Message: message,
    Created: created,
  };
}
