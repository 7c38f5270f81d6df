// One self-contained page: no request leaves it, and nothing runs in it but the script that it was made with.
import { createHash } from "node:crypto";

/** What a page brings along; both come from this project, never from what is shown. */
export interface PageAssets {
  script: string;
  style: string;
}

export interface HtmlDocument {
  title: string;
  /** Markup whose texts are escaped. */
  body: string;
  /** What the script reads, as JSON, in the element with the id `data`. */
  data: unknown;
}

/** The whole file. Its content security policy names script and style by their hashes and allows nothing else. */
export function renderDocument({ title, body, data }: HtmlDocument, { script, style }: PageAssets): string {
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="tarbisect">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
${body}
<script type="application/json" id="data">${jsonForHtml(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

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

/** JSON that can't end its script element, whatever is in it. */
function jsonForHtml(value: unknown): string {
  return JSON.stringify(value).replace(/</g, "\\u003c");
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
