// A real HTTP server on 127.0.0.1 that keeps what it was asked; each test says how it behaves.
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface LoopbackServer {
  base: string;
  /** "METHOD path range", in the order they came. */
  asked: string[];
  close(): Promise<void>;
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export async function startServer(handler: Handler): Promise<LoopbackServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push([request.method, request.url, request.headers.range].filter(Boolean).join(" "));
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Serves `content` as a good server does: ETag, ranges, If-Range. */
export function serveContent(content: Buffer, etag = '"one"'): Handler {
  return (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const resumes = start > 0 && request.headers["if-range"] === etag;
    if (resumes && start >= content.length) return void response.writeHead(416).end();
    const body = resumes ? content.subarray(start) : content;
    response.writeHead(resumes ? 206 : 200, {
      etag,
      "content-length": body.length,
      ...(resumes ? { "content-range": `bytes ${start}-${content.length - 1}/${content.length}` } : {}),
    });
    response.end(body);
  };
}
