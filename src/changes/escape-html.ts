// Texts of logs, sources and names on their way into a page; no Node, so that the pages' own scripts can use it.

/** Text for an element or a quoted attribute; what would steer the reader becomes visible. */
export function escapeHtml(text: string): string {
  return visibleCode(text).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** Control characters and those that turn the direction of text ("Trojan Source") become \\x1b, \\u202e and the like. */
export function visibleCode(text: string): string {
  return text
    .replace(/\r$/, "")
    .replace(/[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, (char) => {
      const code = char.charCodeAt(0).toString(16);
      return code.length <= 2 ? `\\x${code.padStart(2, "0")}` : `\\u${code.padStart(4, "0")}`;
    });
}
