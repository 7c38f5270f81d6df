/** UTF-8 where it is that, else each byte as one character: nothing is lost, and no offset moves. */
export function decodeText(content: Buffer): string {
  const text = content.toString("utf8");
  return text.includes("\ufffd") ? content.toString("latin1") : text;
}
