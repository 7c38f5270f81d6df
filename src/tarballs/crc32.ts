/** The CRC-32 of zip and gzip (ISO 3309), unsigned. Node's own came with 20.15 only. */
export function crc32(content: Uint8Array): number {
  let sum = 0xffffffff;
  for (let at = 0; at < content.length; at++) sum = TABLE[(sum ^ content[at]!) & 0xff]! ^ (sum >>> 8);
  return ~sum >>> 0;
}

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});
