import type { AddCommand } from "./index.js";

export const addShow: AddCommand = (program, call, finish) => {
  program
    .command("show")
    .argument("<function>", "a function, or a macro, struct or table")
    .argument("[version]", "a version, tag, commit or folder", "HEAD")
    .description("print a function of a release: every variant, with its comment")
    .option("--json", "print the definitions as JSON")
    .action(async (name: string, version: string, options: { json?: true }) => {
      const [{ openTree }, { definitionsOf }, { SourceIndex }, { usageFault }, { visibleText }] =
        await Promise.all([
          import("../../history/trees.js"),
          import("../read-sources.js"),
          import("../source-index.js"),
          import("../../fault/fault.js"),
          import("../../changes/change-text.js"),
        ]);
      const tree = await openTree(version, call.cwd);
      const index = new SourceIndex(call.env);
      const found = await definitionsOf(name, tree, index);
      index.save();
      const definitions = found.map(({ file, unit }) => ({
        kind: unit.kind,
        name: unit.name,
        file: file.path,
        span: unit.span,
        condition: unit.condition.join(" && "),
        text: file.text.slice(unit.docSpan.startOffset, unit.docSpan.endOffset),
      }));
      if (definitions.length === 0)
        throw usageFault(
          `there is no "${name}" in ${tree.label}`,
          `tarbisect functions ${tree.label} lists them`,
        );
      if (options.json)
        call.out(`${JSON.stringify({ schemaVersion: 1, tree: tree.label, definitions }, undefined, 2)}\n`);
      else
        for (const { kind, file, span, condition, text } of definitions)
          call.out(
            `${file}:${span.startLine} ${kind}${condition === "" ? "" : ` #if ${condition}`}\n${visibleText(text)}\n\n`,
          );
      finish(0);
    });
};
