// A stage's command on the target: the same environment and the same reading of its end as in the form without target.
import { join } from "node:path";
import { harnessFault } from "../fault/fault.js";
import { quote } from "../target/remote-command.js";
import { describeRemoteEnd } from "../target/target.js";
import { openBoundedLog } from "./bounded-log.js";
import type { StageInput } from "./run-stage.js";
import type { TrialHost, TrialIo } from "./trial-hosts.js";
import type { StageEnd } from "./verdict.js";

/** How the command ended; `lost` when the target died under it, `stopped` when `stop` ended it. */
export type TargetStageEnd =
  { kind: "ended"; end: StageEnd } | { kind: "lost"; detail: string } | { kind: "stopped" };

const keepBytes = 4 * 1024 * 1024;

/** Runs it in `folder` of the target; its output grows in EVIDENCE/STAGE.log. A time limit is a harness fault. */
export async function runTargetStage(
  host: TrialHost,
  { stage, command, timeoutMs, folder, env }: StageInput,
  io: TrialIo & { stop?: AbortSignal },
): Promise<TargetStageEnd> {
  const exports = Object.entries(env).map(([name, value]) => `export ${name}=${quote(value)}\n`);
  const script = `${exports.join("")}cd ${quote(folder)} || exit 126\nexec 2>&1\n${command}`;
  const log = openBoundedLog(join(io.evidence, `${stage}.log`));
  try {
    const result = await host.target.run(script, {
      timeoutMs,
      keepBytes,
      signal: io.signal,
      ...(io.stop && { stop: io.stop }),
      onOutput: (chunk, stream) => {
        if (stream === "stdout") log.add(chunk);
      },
    });
    switch (result.end.kind) {
      case "exited":
        return {
          kind: "ended",
          end: {
            stage,
            folder,
            code: result.end.code,
            elapsedMs: result.elapsedMs,
            log: result.stdout.toString(),
            freeBytes: undefined,
          },
        };
      case "timed-out":
        throw harnessFault(`${stage} did not end within ${timeoutMs / 1000} s`, {
          hint: `a test that can hang must say so itself and exit 1; or set ${stage}.timeout`,
        });
      case "stopped":
        return { kind: "stopped" };
      case "lost":
        return { kind: "lost", detail: describeRemoteEnd(result) };
    }
  } finally {
    log.close();
  }
}
