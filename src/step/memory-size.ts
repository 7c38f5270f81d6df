import { z } from "zod";

/** A size as the settings have it. */
export const memorySizeShape = z
  .string()
  .regex(/^[1-9]\d{0,5}[KMG]$/, 'must be a size such as "512K", "64M" or "2G"')
  .describe('a size such as "512K", "64M" or "2G"');
