import { z } from "zod";

const pin = z.strictObject({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  sizeBytes: z.int().nonnegative(),
  url: z.string(),
});
const lockShape = z.record(z.string(), z.record(z.string(), pin));

export type Pin = z.output<typeof pin>;
/** By driver and version. */
export type Lock = z.output<typeof lockShape>;

/** Throws with one line where the text is no lock. */
export function parseLock(text: string): Lock {
  const parsed = lockShape.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new Error(z.prettifyError(parsed.error).split("\n")[0]);
}
