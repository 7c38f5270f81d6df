import { z } from "zod";

const unitBytes = { K: 1024, M: 1024 ** 2, G: 1024 ** 3 } as const;

/** A size as the settings have it. */
export const memorySizeShape = z
  .string()
  .regex(/^[1-9]\d{0,5}[KMG]$/, 'must be a size such as "512K", "64M" or "2G"')
  .describe('a size such as "512K", "64M" or "2G"');

/** "64M" to bytes; the text has passed the shape. */
export function memorySizeBytes(text: string): number {
  return Number(text.slice(0, -1)) * unitBytes[text.slice(-1) as keyof typeof unitBytes];
}
