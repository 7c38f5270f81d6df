// The rules of ARCHITECTURE.md that a reader relies on: one direction, pure rooms, one room that touches the user.
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const rooms = readdirSync(join(root, "src"), { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);
const inOrder = [
  ...readFileSync(join(root, "ARCHITECTURE.md"), "utf8")
    .split(/^## /m)
    .filter((section) => section.startsWith("Rooms"))
    .join("")
    .matchAll(/^### (\w+)$/gm),
].map(([, room]) => room!);

const pure = ["source", "changes", "evidence", "suspects", "report"];
const outside = /^node:(fs|child_process|process|net|http|https|os|worker_threads|readline|tty)(\/|$)/;

interface SourceFile {
  name: string;
  room: string;
  text: string;
  imports: string[];
}

const files: SourceFile[] = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => {
    const text = readFileSync(join(root, "src", name), "utf8");
    const imports = [...text.matchAll(/(?:from|import\()\s*"([^"]+)"/g)].map(([, target]) => target!);
    return { name, room: name.split("/")[0]!, text, imports };
  });

/** The room that a relative import leads to, undefined for a package. */
function roomOf(file: SourceFile, target: string): string | undefined {
  if (!target.startsWith(".")) return undefined;
  return relative(join(root, "src"), resolve(root, "src", dirname(file.name), target)).split("/")[0];
}

function offences(judge: (file: SourceFile) => string[]): string[] {
  return files.flatMap((file) => judge(file).map((offence) => `src/${file.name}: ${offence}`));
}

describe("the rooms", () => {
  it("each have a section in ARCHITECTURE.md", () => {
    expect(rooms.filter((room) => !inOrder.includes(room))).toEqual([]);
  });

  it("import only from rooms above them in its list", () => {
    const wrong = offences((file) =>
      file.imports.filter((target) => {
        const other = roomOf(file, target);
        return (
          other !== undefined && other !== file.room && inOrder.indexOf(other) >= inOrder.indexOf(file.room)
        );
      }),
    );
    expect(wrong).toEqual([]);
  });

  it("that are pure touch nothing outside", () => {
    const wrong = offences((file) =>
      pure.includes(file.room)
        ? [
            ...file.imports.filter((target) => outside.test(target) || roomOf(file, target) === "host"),
            ...(file.text.match(/\bprocess\.\w+/g) ?? []),
          ]
        : [],
    );
    expect(wrong).toEqual([]);
  });

  it("other than cli print nothing, never exit, and get the environment as an argument", () => {
    const touch = /\bconsole\.\w+|\bprocess\.(stdout|stderr|stdin|exit|exitCode|env|argv|on)\b/g;
    expect(offences((file) => (file.room === "cli" ? [] : [...(file.text.match(touch) ?? [])]))).toEqual([]);
  });

  it("hold no drawer for odds and ends", () => {
    const drawer = /^(utils?|helpers?|types?|common|misc)(\.|$)/;
    const wrong = offences((file) =>
      file.name
        .split("/")
        .filter((part) => drawer.test(part) || (basename(part) === "index.ts" && file.room !== "cli")),
    );
    expect(wrong).toEqual([]);
  });
});
