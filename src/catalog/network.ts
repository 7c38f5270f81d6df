// HTTP as the catalog needs it: proxies, a few redirects, no answer that never ends. What a server says is a value.
import type { Readable } from "node:stream";
import type { Dispatcher, EnvHttpProxyAgent, Pool } from "undici";
import { messageOf, usageFault } from "../fault/fault.js";

export interface NetworkSettings {
  /** An http(s) base that stands in for every vendor's host; the path of a URL is kept. For mirrors and tests. */
  mirror?: string;
  /** Proxies as HTTP_PROXY, HTTPS_PROXY and NO_PROXY spell them. */
  proxies?: { http?: string; https?: string; except?: string };
  /** How long a server may say nothing, in milliseconds. Default 30 s. */
  stallMs?: number;
}

export type Answer =
  | { kind: "answered"; status: number; headers: Record<string, string>; body: Readable }
  /** There is no answer; `again` tells whether asking again may help. */
  | { kind: "failed"; reason: string; again: boolean };

export interface Network {
  get(url: string, options: { headers?: Record<string, string>; signal?: AbortSignal }): Promise<Answer>;
  close(): Promise<void>;
}

const MOST_REDIRECTS = 5;
const USER_AGENT = "tarbisect (https://www.npmjs.com/package/tarbisect)";

/** Opens what one command needs of the network; close it when the command ends. */
export function openNetwork(settings: NetworkSettings): Network {
  const stallMs = settings.stallMs ?? 30_000;
  let opened: Promise<Client> | undefined;
  return {
    async get(url, { headers = {}, signal }) {
      const client = await (opened ??= openClient(settings, stallMs));
      let at = new URL(throughMirror(url, settings.mirror));
      for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
        const answer = await ask(at, { client, headers, signal });
        if (answer.kind === "failed" || !isRedirect(answer)) return answer;
        answer.body.on("error", () => undefined).destroy();
        const next = new URL(answer.headers.location ?? "", at);
        const refusal = whyNotFollow(at, next);
        if (refusal) return { kind: "failed", reason: refusal, again: false };
        at = next;
      }
      return { kind: "failed", reason: `redirected more than ${MOST_REDIRECTS} times`, again: false };
    },
    close: async () => (await opened?.catch(() => undefined))?.dispatcher.destroy(),
  };
}

/** The URL that is asked in place of a vendor's when a mirror is set. */
export function throughMirror(url: string, mirror: string | undefined): string {
  if (mirror === undefined) return url;
  if (!URL.canParse(mirror) || !/^https?:$/.test(new URL(mirror).protocol))
    throw usageFault(`the mirror "${mirror}" is no http(s) URL`, "TARBISECT_MIRROR=http://127.0.0.1:8080/");
  const { pathname, search } = new URL(url);
  return mirror.replace(/\/+$/, "") + pathname + search;
}

interface Client {
  undici: typeof import("undici");
  dispatcher: EnvHttpProxyAgent;
}

/** Loaded when a server is asked: most commands ask none. */
async function openClient({ proxies = {} }: NetworkSettings, stallMs: number): Promise<Client> {
  const undici = await import("undici");
  try {
    const dispatcher = new undici.EnvHttpProxyAgent({
      // Empty, not undefined: the agent would read the environment by itself.
      httpProxy: proxies.http ?? "",
      httpsProxy: proxies.https ?? "",
      noProxy: proxies.except ?? "",
      headersTimeout: stallMs,
      bodyTimeout: stallMs,
      connect: { timeout: stallMs },
      clientFactory: (origin: URL, options: object) =>
        connectingOnce(new undici.Pool(origin, options), origin),
    });
    return { undici, dispatcher };
  } catch (error) {
    const given = [proxies.http, proxies.https].filter(Boolean).join(", ");
    throw usageFault(`the proxy "${given}" is no proxy's URL: ${messageOf(error)}`);
  }
}

/**
 * undici asks a proxy that hangs up on CONNECT again and again, without a pause and for ever, because it takes
 * UND_ERR_SOCKET for a connection that a new one may replace: another error ends the request.
 */
function connectingOnce(pool: Pool, origin: URL): Pool {
  const connect: (target: Dispatcher.ConnectOptions) => Promise<Dispatcher.ConnectData> =
    pool.connect.bind(pool);
  const connectOnce = async (target: Dispatcher.ConnectOptions): Promise<Dispatcher.ConnectData> => {
    try {
      return await connect(target);
    } catch (cause) {
      throw new Error(`the proxy ${origin.host} did not connect: ${describe(cause)}`, { cause });
    }
  };
  return Object.assign(pool, { connect: connectOnce });
}

async function ask(
  url: URL,
  options: {
    client: Client;
    headers: Record<string, string>;
    signal?: AbortSignal;
  },
): Promise<Answer> {
  try {
    const { statusCode, headers, body } = await options.client.undici.request(url, {
      dispatcher: options.client.dispatcher,
      signal: options.signal,
      headers: { "user-agent": USER_AGENT, "accept-encoding": "identity", ...options.headers },
    });
    return { kind: "answered", status: statusCode, headers: flat(headers), body };
  } catch (error) {
    return { kind: "failed", reason: describe(error), again: true };
  }
}

/** What went wrong on the wire, in one phrase. */
export function describe(error: unknown): string {
  const { code, cause } = error as { code?: string; cause?: unknown };
  if (code === "UND_ERR_BODY_TIMEOUT" || code === "UND_ERR_HEADERS_TIMEOUT") return "the server went silent";
  if (code === "UND_ERR_SOCKET") return "the connection was cut";
  const text = messageOf(error) || messageOf(cause) || String(code);
  return text.split("\n")[0] ?? text;
}

function isRedirect(answer: { status: number; headers: Record<string, string> }): boolean {
  return [301, 302, 303, 307, 308].includes(answer.status) && answer.headers.location !== undefined;
}

function whyNotFollow(from: URL, to: URL): string | undefined {
  if (to.protocol !== "http:" && to.protocol !== "https:") return `redirected to ${to.protocol} (not http)`;
  if (from.protocol === "https:" && to.protocol === "http:") return `redirected to unprotected ${to.origin}`;
  return undefined;
}

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
    ),
  );
}
