import type { AddCommand } from "./index.js";

export const addFunctions: AddCommand = (program, call, finish) => {
  program
    .command("functions")
    .argument("<version>", "a version, tag, commit or folder")
    .description("list every function of a release, with its place and the #if it stands under")
    .option("--json", "print the list as JSON")
    .action(async (version: string, options: { json?: true }) => {
      const [{ openTree }, { readUnits }, { SourceIndex }] = await Promise.all([
        import("../../history/trees.js"),
        import("../read-sources.js"),
        import("../source-index.js"),
      ]);
      const tree = await openTree(version, call.cwd);
      const index = new SourceIndex(call.env);
      const sources = await readUnits(tree, index);
      index.save();
      const functions = sources.flatMap(({ path, units }) =>
        units
          .filter(({ kind }) => kind === "function")
          .map(({ name, condition, span, alternatives }) => ({
            name,
            file: path,
            startLine: span.startLine,
            endLine: span.endLine,
            condition: condition.join(" && "),
            alternatives,
          })),
      );
      const problems = sources.flatMap((source) => source.problems);
      if (options.json)
        call.out(
          `${JSON.stringify({ schemaVersion: 1, tree: tree.label, functions, problems }, undefined, 2)}\n`,
        );
      else {
        for (const { name, file, startLine, endLine, condition } of functions)
          call.out(`${file}:${startLine}-${endLine} ${name}${condition === "" ? "" : ` #if ${condition}`}\n`);
        for (const { path, line, message } of problems)
          call.note(`not read fully: ${path}:${line}: ${message}\n`);
      }
      finish(0);
    });
};
