import type { AddCommand } from "./index.js";

export const addShow: AddCommand = (program, call, finish) => {
  program
    .command("show")
    .argument("<function>", "a function, or a macro, struct or table")
    .argument("[version]", "a version, tag, commit or folder", "HEAD")
    .description("print a function of a release: every variant, with its comment")
    .option("--json", "print the definitions as JSON")
    .action(async (name: string, version: string, options: { json?: true }) => {
      const [{ openTree }, { readSources, definitionsOf }, { usageFault }, { visibleText }] =
        await Promise.all([
          import("../../history/trees.js"),
          import("../read-sources.js"),
          import("../../fault/fault.js"),
          import("../../changes/change-text.js"),
        ]);
      const tree = await openTree(version, call.cwd);
      const definitions = definitionsOf(name, await readSources(tree, name)).map(({ file, unit }) => ({
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
