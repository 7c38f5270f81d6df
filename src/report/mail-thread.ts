// Mails of a list's thread, as mbox, single files or a public-inbox download, and the one that is answered.
import PostalMime, { type Address, type Email } from "postal-mime";

export interface ReplyContext {
  /** With its < >. */
  messageId: string;
  references: string[];
  subject: string | undefined;
  to: string[];
  cc: string[];
  /** "On DATE, NAME wrote:" and the quoted lines; [] when only the id is known. */
  quote: string[];
}

const quotedLines = 12;

/** The mails in some files' texts; each may hold one mail or be an mbox. */
export async function parseMails(texts: readonly Uint8Array[]): Promise<Email[]> {
  const single = texts.flatMap(splitMbox);
  const mails = await Promise.all(single.map((text) => PostalMime.parse(text)));
  return mails.filter(({ messageId }) => messageId !== undefined);
}

/**
 * How to answer: the mail with this Message-ID, else the newest one. undefined when there is no mail to answer. `own` is
 * the writer's address, which gets no copy.
 */
export function replyContext(
  mails: readonly Email[],
  wanted: string | undefined,
  own: string | undefined,
): ReplyContext | undefined {
  const mail =
    wanted === undefined
      ? [...mails].sort((a, b) => timeOf(b) - timeOf(a))[0]
      : mails.find(({ messageId }) => messageId !== undefined && bare(messageId) === bare(wanted));
  if (mail?.messageId === undefined)
    return wanted === undefined
      ? undefined
      : {
          messageId: `<${bare(wanted)}>`,
          references: [`<${bare(wanted)}>`],
          subject: undefined,
          to: [],
          cc: [],
          quote: [],
        };
  const id = `<${bare(mail.messageId)}>`;
  const older = [...(mail.references ?? mail.inReplyTo ?? "").matchAll(/<[^<>\s]+>/g)].map(([one]) => one);
  const to = addresses(mail.replyTo?.length ? mail.replyTo : mail.from === undefined ? [] : [mail.from]);
  const cc = addresses([...(mail.to ?? []), ...(mail.cc ?? [])]);
  const seen = new Set(own === undefined ? [] : [own.toLowerCase()]);
  const fresh = (all: readonly Mailbox[]): string[] =>
    all.flatMap(({ address, text }) => {
      if (seen.has(address)) return [];
      seen.add(address);
      return [text];
    });
  return {
    messageId: id,
    references: [...new Set([...older, id])],
    subject: mail.subject,
    to: fresh(to),
    cc: fresh(cc),
    quote: quoteOf(mail),
  };
}

interface Mailbox {
  address: string;
  text: string;
}

function addresses(all: readonly Address[]): Mailbox[] {
  return all.flatMap((one) => {
    const boxes = one.group ?? [one];
    return boxes.flatMap(({ name, address }) => {
      if (!/^[^\s<>,;:"]+@[^\s<>,;:"]+$/.test(address)) return [];
      const plain = name.replace(/["\\\r\n<>]/g, "").trim();
      return [{ address: address.toLowerCase(), text: plain === "" ? address : `"${plain}" <${address}>` }];
    });
  });
}

function quoteOf({ text, date, from }: Email): string[] {
  const [said = ""] = (text ?? "").replace(/\r/g, "").split(/^-- ?$/m); // a signature is not quoted
  const lines = said.trimEnd().split("\n");
  if (lines.join("").trim() === "") return [];
  const day = date === undefined ? "" : `On ${date.slice(0, 10)}, `;
  const who = from?.name || from?.address || "someone";
  const shown = lines
    .slice(0, quotedLines)
    .map((line) => (line.startsWith(">") ? `>${line}` : `> ${line}`).trimEnd());
  return [`${day}${who} wrote:`, ...shown, ...(lines.length > quotedLines ? ["> [...]"] : [])];
}

function timeOf({ date }: Email): number {
  const time = Date.parse(date ?? "");
  return Number.isNaN(time) ? 0 : time;
}

function bare(messageId: string): string {
  return messageId.trim().replace(/^<|>$/g, "");
}

/** An mbox is cut at its "From " lines that follow an empty one; ">From " is the mail's own "From ". */
function splitMbox(content: Uint8Array): Uint8Array[] {
  const text = Buffer.from(content).toString("latin1");
  if (!text.startsWith("From ")) return [content];
  return text
    .split(/^From .*\r?\n(?=[\w-]+:)/m)
    .filter((part) => part.trim() !== "")
    .map((part) => Buffer.from(part.replace(/^>(>*From )/gm, "$1"), "latin1"));
}
