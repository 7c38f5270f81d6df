import { readdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { messageOf, usageFault } from "../fault/fault.js";
import { parseMails, replyContext, type ReplyContext } from "../report/mail-thread.js";

const mostBytes = 64 * 1024 * 1024;

/** Whom and what the mail answers: a mail in a file or by its id, looked up in the thread's files when there are any. */
export async function readReply(
  { replyTo, thread }: { replyTo: string | undefined; thread: string | undefined },
  { cwd, own }: { cwd: string; own: string | undefined },
): Promise<ReplyContext | undefined> {
  if (replyTo === undefined && thread === undefined) return undefined;
  const isId =
    replyTo !== undefined &&
    /^<?[^\s/<>]+@[^\s/<>]+>?$/.test(replyTo) &&
    !/\.(?:eml|mbox|txt)$/.test(replyTo);
  const files = [
    ...(thread === undefined ? [] : [thread]),
    ...(replyTo === undefined || isId ? [] : [replyTo]),
  ];
  const texts = (await Promise.all(files.map((file) => readAll(resolve(cwd, file), file)))).flat();
  if (replyTo !== undefined && !isId) {
    const [mail] = await parseMails(await readAll(resolve(cwd, replyTo), replyTo));
    if (mail?.messageId === undefined) throw usageFault(`${replyTo} holds no mail with a Message-ID`);
    return replyContext(await parseMails(texts), mail.messageId, own);
  }
  const mails = await parseMails(texts);
  const reply = replyContext(mails, replyTo, own);
  if (reply === undefined)
    throw usageFault(
      `${thread ?? ""} holds no mail with a Message-ID`,
      "an mbox, .eml files or t.mbox.gz of a public-inbox page are read",
    );
  return reply;
}

/** A file, or every file of a folder (a maildir too), unpacked. */
async function readAll(path: string, named: string): Promise<Buffer[]> {
  try {
    const info = await stat(path);
    if (!info.isDirectory()) return [unpack(await readFile(path))];
    const names = await readdir(path, { recursive: true, withFileTypes: true });
    const files = names.filter((entry) => entry.isFile() && !entry.name.startsWith("."));
    return await Promise.all(
      files.map(async ({ parentPath, name }) => unpack(await readFile(join(parentPath, name)))),
    );
  } catch (error) {
    throw usageFault(`cannot read ${named}: ${messageOf(error)}`);
  }
}

function unpack(content: Buffer): Buffer {
  const isGzip = content[0] === 0x1f && content[1] === 0x8b;
  return isGzip ? gunzipSync(content, { maxOutputLength: mostBytes }) : content;
}
