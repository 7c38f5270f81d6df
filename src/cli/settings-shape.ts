// The one description of tarbisect.yaml: the check, the types and the published JSON schema come from it.
import { z } from "zod";

const unitMs = { s: 1000, m: 60_000, h: 3_600_000 } as const;

const duration = z
  .string()
  .regex(/^[1-9]\d{0,5}(s|m|h)$/, 'must be a time such as "90s", "15m" or "2h"')
  .describe('a time such as "90s", "15m" or "2h"');
const line = z.string().regex(/\S/, "must not be empty");

function stage(does: string, timeout: string) {
  return z
    .strictObject({
      run: line.describe("for sh -c, in the source's copy"),
      timeout: duration
        .default(timeout)
        .describe(`then its whole process group is ended; ${timeout} when left out`),
    })
    .describe(does);
}

export const settingsShape = z.strictObject({
  driver: line
    .optional()
    .describe("whose catalog's fixups are applied to the source's copy: a driver's name or a catalog's path"),
  ssh: line
    .regex(/^[^-\s]\S*$/, "must be a host as ssh takes it, such as root@server")
    .optional()
    .describe("where the commands run: a host as ssh takes it; left out: this machine"),
  kernel: line
    .regex(/^[\w.+~-]+$/, "must be a kernel release as uname -r prints it")
    .optional()
    .describe("the kernel to build for, as uname -r prints it; left out: the one that runs there"),
  evidence: line
    .optional()
    .describe("where trials are kept; left out: .tarbisect/evidence beside the repository's .git"),
  build: stage("makes the module; a failure skips the commit", "15m"),
  load: stage("loads the module; a failure skips the commit", "2m").optional(),
  stress: stage("0: good; 1 to 124: bad; 125: can't tell; anything else stops the bisect", "2h"),
});

export type Settings = z.output<typeof settingsShape>;

/** The JSON schema of tarbisect.yaml, published as schema/tarbisect.schema.json so that editors complete and check it. */
export function settingsJsonSchema(): object {
  return { ...z.toJSONSchema(settingsShape, { io: "input", target: "draft-7" }), title: "tarbisect.yaml" };
}

/** "15m" to milliseconds; the text has passed the shape. */
export function durationMs(text: string): number {
  return Number(text.slice(0, -1)) * unitMs[text.slice(-1) as keyof typeof unitMs];
}
