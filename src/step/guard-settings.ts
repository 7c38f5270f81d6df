import { z } from "zod";
import { durationShape } from "./duration.js";

export const guardShape = z
  .strictObject({
    silence: durationShape
      .default("60s")
      .describe("without a word from here for so long it acts; a word is sent four times as often"),
    then: z
      .enum(["in-tree", "reboot"])
      .default("in-tree")
      .describe("the kernel's own driver with its addresses, and a reboot where that fails; or a reboot"),
  })
  .describe(
    "a process on the target that saves it when the module under test cuts it off, or when we are killed",
  );

export type GuardSettings = z.output<typeof guardShape>;
