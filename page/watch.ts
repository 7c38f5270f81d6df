// The script of the page that `watch --http` serves: drawn from its data, then from each event of its server.
import { captionOf, renderChart } from "../src/report/chart.js";
import { durationText } from "../src/report/duration-text.js";
import type { Progress } from "../src/report/progress-shape.js";
import { bisectWords, currentWords } from "../src/report/progress-words.js";
import { byId, make } from "./element.js";
import { startTheme } from "./theme.js";

const sections = {
  bisect: byId("bisect", HTMLElement),
  current: byId("current", HTMLElement),
  state: byId("state", HTMLElement),
  curves: byId("curves", HTMLElement),
  trials: byId("trials", HTMLElement),
};

startTheme();
show(JSON.parse(byId("data", HTMLScriptElement).text) as Progress);
const events = new EventSource("events");
events.addEventListener("message", ({ data }: MessageEvent<string>) => show(JSON.parse(data) as Progress));
events.addEventListener("error", () => {
  sections.state.textContent = "tarbisect watch does not answer; what stands here is the last that it said";
});

function show(progress: Progress): void {
  setText(sections.bisect, bisectWords(progress));
  sections.current.textContent = currentWords(progress);
  sections.state.textContent = `seen at ${progress.writtenAt.slice(11, 19)} UTC`;
  sections.curves.replaceChildren(...figures(progress));
  sections.trials.replaceChildren(...progress.trials.map(row).reverse());
}

/** A status is read aloud when it changes, so it changes only when its words do. */
function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

function figures({ curves, current, marks }: Progress): Node[] {
  const label = current === undefined ? "" : `${current.version} ${current.commit.slice(0, 10)}`;
  return curves.map(({ name, unit, points }) => {
    const svg = renderChart({
      title: name,
      unit,
      lines: [{ label, kind: "other", points }],
      marks: marks.map((mark) => ({ ...mark, kind: "stage" })),
    });
    const drawing = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
    return make("figure", "", make("figcaption", "", captionOf(name, unit)), drawing);
  });
}

function row({ startedAt, version, commit, verdict, durationMs, detail }: Progress["trials"][number]): Node {
  const took = durationMs === undefined ? "" : durationText(durationMs);
  const cells = [
    startedAt.slice(0, 16).replace("T", " "),
    version,
    commit.slice(0, 10),
    verdict,
    took,
    detail,
  ];
  return make("tr", verdict, ...cells.map((cell) => make("td", "", cell)));
}
