// One self-contained page: no request leaves it, and nothing runs in it but the script that it was made with.
import { createHash } from "node:crypto";
import { escapeHtml } from "./escape-html.js";

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
  /** It is served, and follows what its own server sends. */
  follows?: true;
}

/** The whole file. Its content security policy names script and style by their hashes; only one that follows may connect. */
export function renderDocument(
  { title, body, data, follows }: HtmlDocument,
  { script, style }: PageAssets,
): string {
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "img-src data:",
    ...(follows === true ? ["connect-src 'self'"] : []),
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

/** JSON that can't end its script element, whatever is in it. */
function jsonForHtml(value: unknown): string {
  return JSON.stringify(value).replace(/</g, "\\u003c");
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
