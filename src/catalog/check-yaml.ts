// YAML against a zod shape, every problem at once with its line and column.
import { isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml";
import type { Document } from "yaml";
import type { z } from "zod";
import { didYouMean } from "./did-you-mean.js";
import { knownKeys } from "./known-keys.js";

export interface YamlProblem {
  line: number;
  column: number;
  message: string;
}

type Path = readonly PropertyKey[];
type MoreChecks<T> = (value: T) => { path: Path; message: string }[];

/** The checked value, or what is wrong with the text; `moreChecks` runs when the shape is right. */
export function checkYaml<S extends z.ZodType>(
  text: string,
  shape: S,
  moreChecks: MoreChecks<z.output<S>> = () => [],
): { value?: z.output<S>; problems: YamlProblem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const at = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  if (document.errors.length > 0)
    return { problems: document.errors.map(({ pos, message }) => ({ ...at(pos[0]), message })) };
  const checked = shape.safeParse(document.toJS({ maxAliasCount: 100 }));
  const found = checked.success
    ? moreChecks(checked.data)
    : checked.error.issues.flatMap((issue) => findings(issue, shape));
  const problems = found.map(({ path, message }) => ({
    ...at(offsetOf(document, path)),
    message: path.length > 0 ? `${pathText(path)}: ${message}` : message,
  }));
  problems.sort((a, b) => a.line - b.line || a.column - b.column);
  return checked.success ? { value: checked.data, problems } : { problems };
}

function findings(issue: z.core.$ZodIssue, shape: z.ZodType): { path: Path; message: string }[] {
  if (issue.code === "invalid_type" && issue.message.endsWith("received undefined"))
    return [{ path: issue.path, message: "is missing" }];
  if (issue.code !== "unrecognized_keys") return [{ path: issue.path, message: issue.message }];
  return issue.keys.map((key) => {
    const meant = didYouMean(key, knownKeys(shape, issue.path));
    const hint = meant === undefined ? "" : ` (did you mean ${meant}?)`;
    return { path: [...issue.path, key], message: `is no key known here${hint}` };
  });
}

/** Where a path stands in the text: its key when it has one, else the nearest thing above it that is there. */
function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length > 0; length--) {
    const parent: unknown = document.getIn(path.slice(0, length - 1), true) ?? document.contents;
    const key = path[length - 1];
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === key);
      const node = isScalar(pair?.value) ? pair.value : pair?.key;
      if (isNode(node)) return node.range?.[0] ?? 0;
    }
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node)) return node.range?.[0] ?? 0;
  }
  return isNode(document.contents) ? (document.contents.range?.[0] ?? 0) : 0;
}

function pathText(path: Path): string {
  return path
    .map((part, at) => (typeof part === "number" ? `[${part}]` : `${at > 0 ? "." : ""}${String(part)}`))
    .join("");
}
