import type { AddCommand } from "./index.js";

interface JudgeOptions {
  set: string[];
  evidence?: string;
  json?: true;
}

export const addJudge: AddCommand = (program, call, finish) => {
  program
    .command("judge")
    .description("judge the kept trials again, under other rules and without the hardware")
    .option(
      "--set <key=value>",
      "a setting below judge, such as judge.failure=any; may be given again",
      (value: string, before: string[]) => [...before, value],
      [],
    )
    .option(
      "--evidence <folder>",
      "where the trials are; left out: as the settings say, else .tarbisect/evidence",
    )
    .option("--json", "print every verdict as JSON")
    .addHelpText("after", "\nNothing is changed: git bisect log and git bisect replay correct a bisect.")
    .action(async ({ set, evidence, json }: JudgeOptions) => {
      const [{ judgeAgain }, { judgeText }, { judgeJson }] = await Promise.all([
        import("../judge-again.js"),
        import("../judge-text.js"),
        import("../judge-schema.js"),
      ]);
      const judged = await judgeAgain({ sets: set, evidence }, call);
      call.out(json ? `${JSON.stringify(judgeJson(judged), undefined, 2)}\n` : judgeText(judged));
      finish(0);
    });
};
