// The report as one mail as kernel lists take it: plain text, 72 columns, logs and diff unbroken. A library writes its
// headers and its MIME parts; tarbisect itself sends nothing.
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import MimeNode from "nodemailer/lib/mime-node";
import { visibleText } from "../changes/change-text.js";
import { subjectOf, version } from "./finding.js";
import type { ReplyContext } from "./mail-thread.js";
import { textBody } from "./render-text.js";
import type { Report } from "./report-shape.js";
import { wrap } from "./wrap.js";

export interface MailOptions {
  /** "Name <address>". */
  from: string;
  reply: ReplyContext | undefined;
  attachments: readonly { name: string; text: string }[];
  /** Attachments together may have so many bytes once packed; those that don't fit are named in the mail. */
  attachmentBytes: number;
  /** Lines for the regression tracker, which follows the kernel's own tree only. */
  upstream: boolean;
}

const columns = 72;

/** An RFC 5322 mail with lines that end with \n, as git format-patch writes them. */
export async function renderMail(report: Report, options: MailOptions): Promise<string> {
  const { packed, left } = await packAttachments(options.attachments, options.attachmentBytes);
  const body = bodyOf(report, options, left);
  const seed = createHash("sha256").update(body).update(report.writtenAt).digest("hex");
  const root = new MimeNode(packed.length === 0 ? textType(body) : "multipart/mixed", {
    newline: "linux",
    baseBoundary: seed.slice(0, 24),
  });
  for (const [name, value] of headers(report, options, seed))
    root.setHeader(name, name === "Subject" ? asWritten(value) : value);
  if (packed.length === 0 && isPlain(body)) {
    root.setHeader("Content-Transfer-Encoding", transferEncoding(body));
    return withPlainHead(`${root.buildHeaders()}\n\n${body}`);
  }
  // git send-email looks for it here only; a multipart of 8bit parts is 8bit itself (RFC 2045, 6.4).
  if (packed.length > 0 && isPlain(body)) root.setHeader("Content-Transfer-Encoding", transferEncoding(body));
  if (packed.length === 0) root.setContent(body);
  else {
    const text = root.createChild(textType(body));
    if (isPlain(body))
      text.setRaw(
        `Content-Type: ${textType(body)}\nContent-Transfer-Encoding: ${transferEncoding(body)}\n\n${body}`,
      );
    else text.setContent(body);
  }
  for (const { name, content } of packed)
    root
      .createChild("application/gzip", { filename: name })
      .setHeader("Content-Disposition", "attachment")
      .setContent(content);
  const mail = await root.build();
  return withPlainHead(mail.toString("utf8").replaceAll("\r\n", "\n"));
}

/** The library encodes a subject for its quotation marks too, which every header may hold; its types have no `prepared`. */
function asWritten(subject: string): string {
  return isAscii(subject) ? ({ prepared: true, value: subject } as unknown as string) : subject;
}

/** With author, subject and ids on one line each: b4 0.12 ends with an error where one is folded. */
function withPlainHead(mail: string): string {
  const end = mail.indexOf("\n\n");
  const head = mail.slice(0, end).replaceAll("\r\n", "\n");
  const plain = head.replace(/^(?:From|Subject|Message-ID|In-Reply-To):.*(?:\n[ \t].*)+/gm, (header) =>
    header.length > 900 ? header : header.replace(/\n[ \t]+/g, " "),
  );
  return plain + mail.slice(end);
}

/** One mail as an mbox file (mboxrd): b4 and mutt read it, git am too. */
export function asMbox(mail: string, writtenAt: string): string {
  const stamp = new Date(writtenAt)
    .toUTCString()
    .replace(/^(\w+), (\d+) (\w+) (\d+) ([\d:]+) GMT$/, "$1 $3 $2 $5 $4");
  return `From mboxrd@z ${stamp}\n${mail.replace(/^(>*From )/gm, ">$1")}\n`;
}

function headers(report: Report, { from, reply }: MailOptions, seed: string): [string, string][] {
  const domain = /@([\w.-]+)>?\s*$/.exec(from)?.[1] ?? "tarbisect.invalid";
  const stamp = report.writtenAt.replace(/\D/g, "").slice(0, 14);
  const own = visibleText(subjectOf(report).replace(/\s+/g, " "));
  const subject =
    reply?.subject === undefined
      ? own
      : `Re: ${visibleText(reply.subject.replace(/\s+/g, " ")).replace(/^(?:re:\s*)+/i, "")}`;
  return [
    ["From", from],
    ...(reply === undefined || reply.to.length === 0
      ? []
      : [["To", reply.to.join(", ")] as [string, string]]),
    ...(reply === undefined || reply.cc.length === 0
      ? []
      : [["Cc", reply.cc.join(", ")] as [string, string]]),
    ["Subject", subject],
    ["Date", new Date(report.writtenAt).toUTCString().replace("GMT", "+0000")],
    ["Message-ID", `<${stamp}.${seed.slice(0, 12)}@${domain}>`],
    ...(reply === undefined
      ? []
      : ([
          ["In-Reply-To", reply.messageId],
          ["References", reply.references.join(" ")],
        ] as [string, string][])),
  ];
}

function bodyOf(report: Report, { reply, upstream }: MailOptions, left: readonly string[]): string {
  const quote =
    reply === undefined || reply.quote.length === 0 ? "" : `${reply.quote.map(visibleText).join("\n")}\n\n`;
  const notAttached =
    left.length === 0 ? "" : `\n${wrap(`Too big to attach: ${left.join(", ")}`, columns).join("\n")}\n`;
  const range = `${version(report.old.label)}..${version(report.new.label)}`;
  const tracker = upstream ? `\n#regzbot introduced: ${report.culprit?.commit ?? range}\n` : "";
  // A diff's own characters stay as they are, so that it applies; only what ends a line in a mail is taken out.
  const text = textBody(report, columns, (line) => line.replace(/[\0\r]/g, ""));
  return `${quote}${text}${notAttached}${tracker}\n-- \n${report.tool}\n`;
}

function textType(body: string): string {
  return `text/plain; charset=${isAscii(body) ? "us-ascii" : "utf-8"}`;
}

function transferEncoding(body: string): string {
  return isAscii(body) ? "7bit" : "8bit";
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}

/** RFC 5322 allows 998 characters in a line; beyond, the library's quoted-printable has to carry it. */
function isPlain(body: string): boolean {
  return !/[^\n]{900}/.test(body);
}

interface Packed {
  packed: { name: string; content: Buffer }[];
  left: string[];
}

async function packAttachments(attachments: MailOptions["attachments"], mostBytes: number): Promise<Packed> {
  const result: Packed = { packed: [], left: [] };
  let bytes = 0;
  const names = new Set<string>();
  if (mostBytes === 0) return result;
  for (const { name, text } of attachments) {
    const content = await promisify(gzip)(text);
    const size = Math.ceil((content.length * 4) / 3); // as base64
    if (bytes + size > mostBytes) {
      result.left.push(name);
      continue;
    }
    bytes += size;
    result.packed.push({ name: `${fresh(safeName(name), names)}.gz`, content });
  }
  return result;
}

function safeName(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1).replace(/[^\w.+-]/g, "_");
  return name.replace(/^\.+/, "") || "file";
}

function fresh(name: string, names: Set<string>): string {
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${number}-${name}`;
    if (names.has(candidate)) continue;
    names.add(candidate);
    return candidate;
  }
}
