import type { AddCommand } from "./index.js";

export const addBack: AddCommand = (program, call, finish) => {
  program
    .command("back")
    .description("take the last verdict of tarbisect bisect back, so that it is tested again")
    .action(async () => {
      const { takeLastBack } = await import("../bisect-releases.js");
      call.out(await takeLastBack(call));
      finish(0);
    });
};
