import { chartSize, renderChart, type Chart } from "./chart.js";

/** What page.css says of a chart, for one that stands alone: on white paper. */
const style = `
text{fill:#4d5661;font:12px sans-serif}
.grid{stroke:#d0d7de}
.axis,.mark{stroke:#4d5661}
.mark{stroke-dasharray:2 3}
.mark.crash,.mark.verdict{stroke:#a40e26;stroke-width:2;stroke-dasharray:none}
.mark.verdict{stroke:#1b1f24}
.tick.crash{fill:#a40e26;font-weight:700}
.series{fill:none;stroke:#0550ae;stroke-width:1.5}
.series.good{stroke:#0f5b2a;stroke-dasharray:6 3}
.series.bad{stroke:#a40e26;stroke-width:2.5}
`;

/** A chart as an SVG file of its own, with the name that it gets. */
export function chartFile(chart: Chart): { name: string; svg: string } {
  const { width, height } = chartSize;
  const head = `width="${width}" height="${height}"><style>${style}</style><rect width="100%" height="100%" fill="#fff"/>`;
  return {
    name: `${chart.title.replace(/[^\w-]+/g, "-")}.svg`,
    svg: `${renderChart(chart).replace(">", ` ${head}`)}\n`,
  };
}
