// How the module is built and loaded; without commands of the user's own, as the driver's catalog says.
import { z } from "zod";
import { durationShape } from "./duration.js";

const command = z
  .string()
  .regex(/\S/, "must not be empty")
  .optional()
  .describe("for sh -c, in the source's copy");
const moduleName = z.string().regex(/^\w[\w-]*$/, "is no module's name");

function limit(normally: string) {
  return durationShape
    .default(normally)
    .describe(`then its whole process group is ended; ${normally} when left out`);
}

export const buildShape = z
  .strictObject({
    run: command,
    on: z.enum(["here", "target"]).default("here").describe("where the module is built, with a target"),
    cc: z
      .string()
      .regex(/^[\w./+-]+$/, "must be one compiler's name or path")
      .default("gcc")
      .describe("the compiler, without run"),
    jobs: z.int().min(1).max(256).default(2).describe("make -j, without run"),
    timeout: limit("15m"),
  })
  .prefault({})
  .describe("makes the module, with a target by the catalog's recipe; a failure skips the commit");

export type BuildSettings = z.output<typeof buildShape>;

export const loadShape = z
  .strictObject({
    run: command,
    dependencies: z
      .array(moduleName)
      .default([])
      .describe("modules to load first, beside those that the module names itself"),
    inTree: moduleName
      .optional()
      .describe("the kernel's own driver of the card, which is back at the end; left out: found by the card"),
    parameters: z
      .array(z.string().regex(/^\w+=[\w,.:-]*$/, "must be name=value"))
      .default([])
      .describe("for insmod"),
    timeout: limit("2m"),
  })
  .describe("loads the module, with a target by insmod and with proof; a failure skips the commit");

export type LoadSettings = z.output<typeof loadShape>;

export const recoverShape = z
  .strictObject({ boot: durationShape.default("5m").describe("how long a boot may take") })
  .prefault({})
  .describe("brings a dead target back");
