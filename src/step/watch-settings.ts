import { z } from "zod";
import { durationShape } from "./duration.js";

export const watchShape = z
  .strictObject({
    interval: durationShape.default("1s").describe("between two samples of the target"),
    silence: durationShape
      .default("20s")
      .describe("without any answer for so long, the target counts as dead"),
  })
  .prefault({})
  .describe("what is measured on the target during the trial");
