// Charts as files: the drawing with the colours that it has now, as SVG or drawn into a PNG.

const scale = 2;
const styles = ["stroke", "stroke-width", "stroke-dasharray", "fill", "font-size", "font-family"];

/** The buttons below each chart. */
export function startCharts(): void {
  for (const button of document.querySelectorAll<HTMLElement>("figure [data-save]"))
    button.addEventListener("click", () => {
      const figure = button.closest("figure");
      const svg = figure?.querySelector("svg");
      if (figure === null || svg === null || svg === undefined) return;
      const name = (figure.dataset.name ?? "chart").replace(/[^\w-]+/g, "-");
      const text = standalone(svg);
      if (button.dataset.save === "svg") save(new Blob([text], { type: "image/svg+xml" }), `${name}.svg`);
      else drawPng(text, svg.viewBox.baseVal, (png) => save(png, `${name}.png`));
    });
}

/** A copy that carries the style that the page gave it. */
function standalone(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const [from, to] = [svg, copy].map((root) => [...root.querySelectorAll("*")]) as [Element[], Element[]];
  from.forEach((element, at) => {
    const computed = getComputedStyle(element);
    for (const name of styles) to[at]!.setAttribute(name, computed.getPropertyValue(name));
  });
  const { width, height } = svg.viewBox.baseVal;
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  ground.setAttribute("width", "100%");
  ground.setAttribute("height", "100%");
  ground.setAttribute("fill", getComputedStyle(document.body).backgroundColor);
  copy.prepend(ground);
  return new XMLSerializer().serializeToString(copy);
}

function drawPng(svg: string, size: { width: number; height: number }, done: (png: Blob) => void): void {
  const image = new Image();
  image.addEventListener("load", () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [size.width * scale, size.height * scale];
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((png) => {
      if (png !== null) done(png);
    });
  });
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
}

function save(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
