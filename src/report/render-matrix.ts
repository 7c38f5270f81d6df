// The table in each form that a reader or a program takes.
import { visibleText } from "../changes/change-text.js";
import { escapeHtml } from "../changes/escape-html.js";
import { renderDocument, type PageAssets } from "../changes/html-document.js";
import { countCells, type Matrix } from "../matrix/matrix.js";
import { matrixSections, matrixTitle } from "./matrix-sections.js";
import { sectionHtml } from "./render-html.js";
import { sectionsMarkdown } from "./render-markdown.js";
import { sectionsText } from "./render-text.js";

export function renderMatrixText(matrix: Matrix, columns = 120): string {
  return `${visibleText(matrixTitle(matrix))}\n\n${sectionsText(matrixSections(matrix), columns, visibleText)}`;
}

export function renderMatrixMarkdown(matrix: Matrix): string {
  return sectionsMarkdown(matrixTitle(matrix), matrixSections(matrix));
}

/** A page without a script. */
export function renderMatrixHtml(matrix: Matrix, { style }: Pick<PageAssets, "style">): string {
  const title = matrixTitle(matrix);
  const sections = matrixSections(matrix).map((section) => sectionHtml(section));
  const body = `<header>\n<h1>${escapeHtml(title)}</h1>\n</header>\n<main tabindex="-1">${sections.join("\n")}</main>`;
  return renderDocument({ title, body, data: null }, { script: "", style });
}

export function renderMatrixJson(matrix: Matrix): string {
  return `${JSON.stringify({ schemaVersion: 1, ...matrix, counts: countCells(matrix.cells) }, null, 2)}\n`;
}
