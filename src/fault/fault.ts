// Every fault says who is to blame, so that no accident of ours can be read as a verdict on the driver.

/** Who or what stopped the command; the exit code is derived from it on the last line only. */
export type Blame = "harness" | "usage" | "interrupted" | "paused" | "target-lost";

/** A fault of ours or of the lab: one sentence with the wrong value, and a hint that the user can run. */
export class Fault extends Error {
  override readonly name = "Fault";

  constructor(
    readonly blame: Blame,
    message: string,
    options: { hint?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.hint = options.hint;
  }

  readonly hint: string | undefined;
}

/** Bad input or settings: exit code 129. */
export function usageFault(message: string, hint?: string): Fault {
  return new Fault("usage", message, hint === undefined ? {} : { hint });
}

/** The harness or the lab failed (network, disk, ssh, git): exit code 128. */
export function harnessFault(message: string, options: { hint?: string; cause?: unknown } = {}): Fault {
  return new Fault("harness", message, options);
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
