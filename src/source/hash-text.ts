// A quick 64-bit hash of a piece of text, to tell whether a function changed without reading both texts. Two 32-bit
// multiplicative hashes (the mixing of cyrb53); for telling apart, not against an attacker.

/** Sixteen hex digits. */
export function hashText(text: string, start: number, end: number): string {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return hex(a) + hex(b);
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, "0");
}
