import { harnessFault } from "../fault/fault.js";
import type { SourceContext } from "./source.js";

const LARGEST_PAGE_BYTES = 32 * 1024 * 1024;

/** The text of a listing on a server; anything but a 200 is a harness fault that names the URL. */
export async function readPage(url: string, { network, signal }: SourceContext): Promise<string> {
  const answer = await network.get(url, { signal });
  if (answer.kind === "failed") throw harnessFault(`cannot list ${url}: ${answer.reason}`);
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > LARGEST_PAGE_BYTES) throw harnessFault(`cannot list ${url}: it is longer than 32 MiB`);
    chunks.push(chunk);
  }
  if (answer.status !== 200) throw harnessFault(`cannot list ${url}: HTTP ${answer.status}`);
  return Buffer.concat(chunks).toString();
}
