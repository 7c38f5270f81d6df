// Redfish over HTTPS (DMTF DSP0266): JSON resources, found by following links from /redfish/v1/. Nothing is sent, the
// password least of all, before the certificate is trusted or is the pinned one.
import { readFile } from "node:fs/promises";
import type { TLSSocket } from "node:tls";
import { setTimeout as sleep } from "node:timers/promises";
import type { Agent, Dispatcher } from "undici";
import { harnessFault, messageOf, usageFault } from "../../fault/fault.js";
import type { BmcAccess } from "./bmc-settings.js";

export type Resource = Readonly<Record<string, unknown>>;

export interface RedfishClient {
  get(path: string): Promise<Resource>;
  /** Gives what the service said of it, often nothing. */
  post(path: string, body: object): Promise<Resource>;
}

const busyTries = 10;
const longestWaitSeconds = 30;
const mostBytes = 8 * 1024 * 1024;

/** Runs `use` with a client of its own, which is closed after it. Harness fault for whatever the service refuses. */
export async function withRedfish<T>(
  access: BmcAccess,
  use: (client: RedfishClient) => Promise<T>,
): Promise<T> {
  const undici = await import("undici");
  const agent = await openAgent(access, undici);
  const ask = (method: "GET" | "POST", path: string, body?: object): Promise<Resource> =>
    request(access, {
      method,
      path,
      body,
      send: (url, options) => undici.request(url, { ...options, dispatcher: agent }),
    });
  try {
    return await use({ get: (path) => ask("GET", path), post: (path, body) => ask("POST", path, body) });
  } finally {
    await agent.destroy();
  }
}

/** Follows a reference such as {"@odata.id": "/redfish/v1/Systems"}; undefined when it is none. */
export function linkOf(value: unknown): string | undefined {
  const id = (value as Resource | undefined)?.["@odata.id"];
  return typeof id === "string" && id.startsWith("/") ? id : undefined;
}

/** The links of a collection's Members. */
export function membersOf(collection: Resource): string[] {
  return Array.isArray(collection.Members) ? collection.Members.flatMap((each) => linkOf(each) ?? []) : [];
}

async function openAgent({ bmc }: BmcAccess, undici: typeof import("undici")): Promise<Agent> {
  const { fingerprint, ca, answerSeconds } = bmc.redfish;
  const limits = { headersTimeout: answerSeconds * 1000, bodyTimeout: answerSeconds * 1000 };
  const connect = { timeout: answerSeconds * 1000 };
  if (fingerprint === undefined) {
    const authority = ca === undefined ? {} : { ca: await readAuthority(ca) };
    return new undici.Agent({ ...limits, connect: { ...connect, ...authority } });
  }
  // A resumed session shows no certificate, so none is kept.
  const open = undici.buildConnector({ ...connect, rejectUnauthorized: false, maxCachedSessions: 0 });
  return new undici.Agent({
    ...limits,
    connect: (options, done) =>
      open(options, (error, socket) => {
        if (error !== null) return done(error, null);
        const shown = (socket as TLSSocket).getPeerCertificate().fingerprint256;
        if (shown === fingerprint.toUpperCase()) return done(null, socket);
        socket.destroy();
        done(new Error(`its certificate has the fingerprint ${shown}, not the pinned one`), null);
      }),
  });
}

async function readAuthority(path: string): Promise<string> {
  return readFile(path, "utf8").catch((error: unknown) => {
    throw usageFault(`redfish.ca can't be read: ${messageOf(error)}`);
  });
}

interface Question {
  method: "GET" | "POST";
  path: string;
  body: object | undefined;
  send: (
    url: string,
    options: Omit<Dispatcher.RequestOptions, "origin" | "path">,
  ) => Promise<Dispatcher.ResponseData>;
}

/** A busy service (503, 429) is asked again; a refused password never: BMCs lock users out after a few. */
async function request(access: BmcAccess, question: Question): Promise<Resource> {
  const { bmc } = access;
  const at = `the BMC at ${bmc.host}:${bmc.redfish.port}`;
  const password = await access.password();
  for (let tries = 1; ; tries++) {
    const { status, retryAfter, resource } = await send(access, question, password);
    if (status >= 200 && status < 300) return resource;
    if ((status === 503 || status === 429) && tries < busyTries) {
      await sleep(Math.min(retryAfter, longestWaitSeconds) * 1000);
      continue;
    }
    const said = `${question.method} ${question.path}: HTTP ${status}${wordsOf(resource)}`;
    if (status === 401)
      throw harnessFault(`${at} lets ${bmc.user} not in (${said})`, {
        hint: `look at the secret "${bmc.password}"; it is not tried again, since BMCs lock users out`,
      });
    if (status === 403) throw harnessFault(`${at} does not allow this to ${bmc.user} (${said})`);
    if (status === 503 || status === 429) throw harnessFault(`${at} is busy and stays so (${said})`);
    throw harnessFault(`${at} refused: ${said}`);
  }
}

async function send(
  access: BmcAccess,
  { method, path, body, send }: Question,
  password: string,
): Promise<{ status: number; retryAfter: number; resource: Resource }> {
  const { bmc } = access;
  const credentials = Buffer.from(`${bmc.user}:${password}`).toString("base64");
  const hide = (text: string): string =>
    access.hide(text.replaceAll(credentials, `[secret ${bmc.password}]`));
  const origin = `https://${bmc.host.includes(":") && !bmc.host.startsWith("[") ? `[${bmc.host}]` : bmc.host}:${bmc.redfish.port}`;
  try {
    const answer = await send(`${origin}${path}`, {
      method,
      headers: {
        authorization: `Basic ${credentials}`,
        accept: "application/json",
        ...(body && { "content-type": "application/json" }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    return {
      status: answer.statusCode,
      retryAfter: Number(answer.headers["retry-after"] ?? 3) || 3,
      resource: parseResource(await readLimited(answer.body), hide),
    };
  } catch (error) {
    throw unreachable(access, error);
  }
}

async function readLimited(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > mostBytes) throw new Error("its answer does not end");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Its texts without what was sent to it; a path is left as it is, since it is asked for next. */
function parseResource(text: string, hide: (text: string) => string): Resource {
  try {
    const value: unknown = JSON.parse(text, (_, each: unknown) =>
      typeof each === "string" && !each.startsWith("/") ? hide(each) : each,
    );
    return typeof value === "object" && value !== null ? (value as Resource) : {};
  } catch {
    return {};
  }
}

/** The messages of Redfish's error object (DSP0266, 8.6). */
function wordsOf(resource: Resource): string {
  const error = resource.error as Resource | undefined;
  const extended = error?.["@Message.ExtendedInfo"];
  const messages = (Array.isArray(extended) ? (extended as Resource[]) : []).map(({ Message }) => Message);
  const said = [...messages, error?.message].filter((each) => typeof each === "string" && each !== "");
  return said.length === 0 ? "" : `: ${String(said[0]).slice(0, 300)}`;
}

const untrusted = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|ERR_TLS/;

function unreachable({ bmc }: BmcAccess, error: unknown): Error {
  const { code } = error as { code?: string };
  const at = `the BMC at ${bmc.host}:${bmc.redfish.port}`;
  if (code !== undefined && untrusted.test(code))
    return harnessFault(`the certificate of ${at} is not trusted: ${messageOf(error)}`, {
      cause: error,
      hint: `give its authority (bmc.redfish.ca), or pin it (bmc.redfish.fingerprint): openssl s_client -connect ${bmc.host}:${bmc.redfish.port} </dev/null | openssl x509 -noout -fingerprint -sha256`,
    });
  return harnessFault(`${at} can't be asked: ${messageOf(error) || (code ?? "no reason")}`, { cause: error });
}
