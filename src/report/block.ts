// A report as sections of blocks: what each face writes in its own way.

export type Block =
  | { kind: "prose"; text: string }
  | { kind: "list"; items: string[]; ordered?: true }
  | { kind: "table"; head: string[]; rows: string[][] }
  /** Lines that no face may break. */
  | {
      kind: "verbatim";
      language: "diff" | "text" | "sh";
      lines: string[];
      title: string;
      /** A diff that is no part of the patch to apply. */
      apart?: true;
      /** What stood before the lines; only a page shows it. */
      before?: string[];
    };

export interface Section {
  title: string;
  blocks: Block[];
}
