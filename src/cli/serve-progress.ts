// Where a bisect stands as a page on 127.0.0.1: the page once, then a server-sent event for each look. It only reads; a
// page of another site can neither embed it nor, by a name of its own that leads here (DNS rebinding), read it.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { harnessFault, messageOf } from "../fault/fault.js";

export interface ProgressServer {
  url: string;
  /** Sends JSON text to every page that is open. */
  send(json: string): void;
  close(): void;
}

const mostPages = 32;
/** A page that does not read is left out until it has. */
const mostUnreadBytes = 4 * 1024 * 1024;

const headers = {
  "cache-control": "no-store",
  "content-security-policy": "frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** Port 0 takes any that is free. Harness fault: the port is taken. `page` gives the page as it is now. */
export async function serveProgress(port: number, page: () => string): Promise<ProgressServer> {
  const readers = new Set<ServerResponse>();
  let last: string | undefined;
  const server = createServer((request, response) => {
    const refused = refusal(request);
    if (refused !== undefined) return answer(response, refused, "text/plain", "not here\n");
    if (request.url === "/") return answer(response, 200, "text/html", page());
    if (request.url !== "/events") return answer(response, 404, "text/plain", "no such page\n");
    if (readers.size >= mostPages) return answer(response, 503, "text/plain", "too many pages are open\n");
    response.writeHead(200, { ...headers, "content-type": "text/event-stream" });
    response.on("close", () => readers.delete(response));
    readers.add(response);
    if (last !== undefined) response.write(eventOf(last));
  });
  await listen(server, port);
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : port}/`,
    send(json) {
      last = json;
      for (const reader of readers) if (reader.writableLength < mostUnreadBytes) reader.write(eventOf(json));
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** JSON has no line breaks of its own, so it is one `data:` line (HTML, "Server-sent events"). */
function eventOf(json: string): string {
  return `data: ${json}\n\n`;
}

/** A tunnel of ssh has another port, but the same names. */
function refusal({ method, url, headers: asked }: IncomingMessage): number | undefined {
  if (!/^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i.test(asked.host ?? "")) return 421;
  if (method !== "GET" && method !== "HEAD") return 405;
  const from = asked["sec-fetch-site"];
  return url !== "/" && from !== undefined && from !== "same-origin" && from !== "none" ? 403 : undefined;
}

function answer(response: ServerResponse, code: number, type: string, text: string): void {
  response.writeHead(code, { ...headers, "content-type": `${type}; charset=utf-8` }).end(text);
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) =>
      reject(
        harnessFault(`port ${port} of 127.0.0.1 can't be served: ${messageOf(cause)}`, {
          cause,
          hint: "--http 0 takes any port that is free",
        }),
      ),
    );
    server.listen(port, "127.0.0.1", resolve);
  });
}
