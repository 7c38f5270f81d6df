import type { SourceLine } from "../build/source-lines.js";
import type { DecodedFrame, DecodedLog } from "./decode-log.js";

/** The decoded frames for reading, and what is missing where they can't be. */
export function decodedFramesText(log: DecodedLog): string {
  const { frames, module, ko } = log;
  if (frames.length === 0) return `no frame of ${module} in what was given\n`;
  const root = commonFolder(frames.flatMap((f) => f.lines.flatMap((chain) => chain.at(-1)?.file ?? [])));
  const unsized = frames.filter((f) => f.size === undefined && f.place.kind === "placed").length;
  const foreign = frames.filter(({ place }) => place.kind === "other-build").length;
  return [
    ...frames.flatMap((frame) => frameLines(frame, log, root)),
    ...(foreign > 0
      ? [
          `${foreign} of ${frames.length} frames do not fit ${ko}: the log is of another release, kernel or compiler`,
        ]
      : []),
    ...(unsized > 0
      ? [`${unsized} of ${frames.length} frames have no size: whether they are of this build can't be told`]
      : []),
    ...(log.hasLines
      ? []
      : [
          `${ko} has no debug information: build it again with KCFLAGS=-g, or a kernel with CONFIG_DEBUG_INFO`,
        ]),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function frameLines(frame: DecodedFrame, log: DecodedLog, root: string): string[] {
  const { place } = frame;
  const head = `${frame.reliable ? "" : "? "}${printed(frame)}`;
  switch (place.kind) {
    case "unknown":
      return [`${head}: ${place.why}`];
    case "other-build":
      return [`${head}: of another build: here it has ${place.ownBytes.map(hex).join(" or ")} bytes`];
    case "placed":
      return [head, ...chain(frame.lines[0] ?? [], log, root)];
    case "ambiguous":
      return [
        `${head}: ${place.places.length} functions of that name and size`,
        ...frame.lines.flatMap((lines) => chain(lines, log, root)),
      ];
  }
}

function chain(lines: readonly SourceLine[], log: DecodedLog, root: string): string[] {
  if (lines.length === 0) return log.hasLines ? ["    no line is known for it"] : [];
  return lines.map(
    (one, i) => `    ${one.function} at ${shown(one, root)}${i < lines.length - 1 ? " (inlined)" : ""}`,
  );
}

function printed(frame: DecodedFrame): string {
  const size = frame.size === undefined ? "" : `/${hex(frame.size)}`;
  return `${frame.symbol ?? frame.function}+${hex(frame.offset ?? 0)}${size}`;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

const kernelHeader = /^.*?\/((?:arch\/\w+\/)?include\/.*)$/;

function shown({ file, line }: SourceLine, root: string): string {
  if (file === undefined) return "an unknown line";
  const short = root !== "" && file.startsWith(root) ? file.slice(root.length) : kernelHeader.exec(file)?.[1];
  return `${short ?? file}:${line ?? "?"}`;
}

/** The folder above the one that all files are in, with its last slash; "" when they share none. */
function commonFolder(files: readonly string[]): string {
  const [first = ""] = files;
  const parts = first.split("/").slice(0, -1);
  while (parts.length > 0 && !files.every((file) => file.startsWith(`${parts.join("/")}/`))) parts.pop();
  return parts.length < 2 ? "" : `${parts.slice(0, -1).join("/")}/`;
}
