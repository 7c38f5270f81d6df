// What the C files of a tree hold, scanned once per blob: the cache keeps it under the blob's id.
import { join } from "node:path";
import { cacheFolder } from "../host/cache-folder.js";
import { PackStore } from "../host/pack-store.js";
import type { Tree } from "../history/trees.js";
import { readSource, type SourceFile } from "../source/source-file.js";
import { decodeUnits, encodeUnits, type StoredUnits } from "../source/stored-units.js";
import { codeVersion } from "./code-version.js";
import { decodeText } from "./decode-text.js";

const limitBytes = 128 * 1024 * 1024;

/** A function of a file, as far as it is known without the file's text. */
export interface KnownFunction {
  /** Of its text. */
  hash: string;
  condition: string;
}

export class SourceIndex {
  private readonly store: PackStore;
  private readonly asked = new Map<string, Promise<KnownFunction[]>>();

  constructor(env: NodeJS.ProcessEnv) {
    const folder = join(cacheFolder(env), "index");
    this.store = new PackStore({ folder, kind: "units", version: codeVersion(), limitBytes }, Date.now());
  }

  /** A file's units; its content is read only when they are not known yet. */
  async unitsOf(tree: Tree, path: string): Promise<StoredUnits> {
    return decodeUnits(await this.stored(tree, path));
  }

  /** The functions of a file with a name. */
  functionsNamed(tree: Tree, path: string, name: string): Promise<KnownFunction[]> {
    const key = `${tree.files.get(path)?.id ?? ""} ${name}`;
    const asked = this.asked.get(key) ?? this.findFunctions(tree, path, name);
    this.asked.set(key, asked);
    return asked;
  }

  /** Whether a file has a function with one of these names. */
  async definesAny(tree: Tree, path: string, names: ReadonlySet<string>): Promise<boolean> {
    const [only, second] = names;
    if (only === undefined) return false;
    if (second === undefined) return (await this.functionsNamed(tree, path, only)).length > 0;
    const { units } = await this.unitsOf(tree, path);
    return units.some(({ kind, name }) => kind === "function" && names.has(name));
  }

  /** A file with its text. */
  async sourceOf(tree: Tree, path: string): Promise<SourceFile> {
    return this.sourceFrom(tree, path, decodeText(await tree.contentOf(path)));
  }

  /** The same for a text that was read already. */
  sourceFrom(tree: Tree, path: string, text: string): SourceFile {
    const id = tree.files.get(path)?.id ?? "";
    const value = this.store.get(id);
    if (value === undefined) return this.scan(id, text, path);
    const { units, problems } = decodeUnits(value);
    return { path, text, units, problems: problems.map((problem) => ({ path, ...problem })) };
  }

  /** Keeps what was scanned for the next run. */
  save(): void {
    this.store.save();
  }

  private async findFunctions(tree: Tree, path: string, name: string): Promise<KnownFunction[]> {
    const stored = await this.stored(tree, path);
    if (!stored.includes(JSON.stringify(name))) return [];
    const { units, hashes } = decodeUnits(stored);
    return units.flatMap(({ kind, name: own, condition }, at) =>
      kind === "function" && own === name ? [{ hash: hashes[at]!, condition: condition.join(" && ") }] : [],
    );
  }

  private async stored(tree: Tree, path: string): Promise<Buffer> {
    const id = tree.files.get(path)?.id ?? "";
    const value = this.store.get(id);
    if (value !== undefined) return value;
    this.scan(id, decodeText(await tree.contentOf(path)), path);
    return this.store.get(id)!;
  }

  private scan(id: string, text: string, path: string): SourceFile {
    const source = readSource(text, path);
    this.store.put(id, encodeUnits(source));
    return source;
  }
}
