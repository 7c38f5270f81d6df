// QEMU's machine protocol (QEMU: docs/interop/qmp-spec.rst), one command per connection.
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { harnessFault } from "../../fault/fault.js";

const answerLimitMs = 10_000;

/** Runs one QMP command and gives its "return" value; harness fault when QEMU is gone, refuses or does not answer. */
export async function runQmp(
  socketPath: string,
  command: string,
  parameters: Readonly<Record<string, unknown>> = {},
): Promise<unknown> {
  const socket = connect(socketPath);
  const failed = new Promise<never>((_, reject) => {
    socket.setTimeout(answerLimitMs, () => reject(harnessFault(`QEMU did not answer ${command} in 10 s`)));
    socket.on("error", (cause) =>
      reject(
        harnessFault(`QEMU cannot be reached: ${cause.message}`, { cause, hint: "tarbisect lab status" }),
      ),
    );
    socket.on("close", () => reject(harnessFault(`QEMU ended before it answered ${command}`)));
  });
  try {
    return await Promise.race([converse(socket, { execute: command, arguments: parameters }), failed]);
  } finally {
    failed.catch(() => undefined);
    socket.destroy();
  }
}

interface QmpCommand {
  execute: string;
  arguments?: Readonly<Record<string, unknown>>;
}

async function converse(socket: NodeJS.ReadWriteStream, command: QmpCommand): Promise<unknown> {
  const steps: QmpCommand[] = [{ execute: "qmp_capabilities" }, command];
  for await (const line of createInterface({ input: socket })) {
    const answer = JSON.parse(line) as Record<string, unknown>;
    if ("error" in answer)
      throw harnessFault(`QEMU refused ${command.execute}: ${JSON.stringify(answer.error)}`);
    if ("return" in answer && steps.length === 0) return answer.return;
    if ("QMP" in answer || "return" in answer) socket.write(`${JSON.stringify(steps.shift())}\n`);
  }
  return new Promise(() => undefined); // closed: the other side of the race says so
}
