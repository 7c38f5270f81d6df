import { z } from "zod";

const unitMs = { s: 1000, m: 60_000, h: 3_600_000 } as const;

/** A time as the settings have it; kept as text, so that evidence shows what the user wrote. */
export const durationShape = z
  .string()
  .regex(/^[1-9]\d{0,5}(s|m|h)$/, 'must be a time such as "90s", "15m" or "2h"')
  .describe('a time such as "90s", "15m" or "2h"');

/** "15m" to milliseconds; the text has passed the shape. */
export function durationMs(text: string): number {
  return Number(text.slice(0, -1)) * unitMs[text.slice(-1) as keyof typeof unitMs];
}
