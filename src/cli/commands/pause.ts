import type { AddCommand } from "./index.js";

export const addPause: AddCommand = (program, call, finish) => {
  program
    .command("pause")
    .description("hold the bisect before its next trial; it ends with 252")
    .action(async () => {
      const [{ GitBisect }, { pause }] = await Promise.all([
        import("../../bisect/git-state.js"),
        import("../../bisect/pause.js"),
      ]);
      await pause((await GitBisect.open(call.cwd)).ownFolder);
      call.out("paused: no further trial begins; tarbisect resume ends it\n");
      finish(0);
    });
};

export const addResume: AddCommand = (program, call, finish) => {
  program
    .command("resume")
    .description("end a pause")
    .action(async () => {
      const [{ GitBisect }, { endPause }] = await Promise.all([
        import("../../bisect/git-state.js"),
        import("../../bisect/pause.js"),
      ]);
      const was = await endPause((await GitBisect.open(call.cwd)).ownFolder);
      call.out(was ? "resumed: tarbisect bisect goes on\n" : "there was no pause\n");
      finish(0);
    });
};
