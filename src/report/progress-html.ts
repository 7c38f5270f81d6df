import { escapeHtml } from "../changes/escape-html.js";
import { renderDocument, type PageAssets } from "../changes/html-document.js";
import type { Progress } from "./progress-shape.js";

/** The page that follows a bisect; its script fills it from its data, then from its server's events. */
export function renderProgressPage(progress: Progress, assets: PageAssets): string {
  const title = `${progress.repository}: where the bisect stands`;
  const body = `<header>
<h1>${escapeHtml(title)}</h1>
<p id="bisect" role="status"></p>
<p id="current"></p>
<p id="state" class="note"></p>
<p class="buttons"><button type="button" id="theme">colours: system</button></p>
</header>
<main>
<section><h2>What is measured</h2><div id="curves" class="figures"></div></section>
<section><h2>Trials so far</h2><div class="wide" tabindex="0" role="group" aria-label="trials"><table class="plain">
<thead><tr><th scope="col">began (UTC)</th><th scope="col">release</th><th scope="col">commit</th><th scope="col">verdict</th><th scope="col">took</th><th scope="col">what was seen</th></tr></thead>
<tbody id="trials"></tbody></table></div></section>
</main>`;
  return renderDocument({ title, body, data: progress, follows: true }, assets);
}
