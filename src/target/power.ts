// Power as a switch that is believed only when its status says so: "accepted" is not "done".
import { setTimeout as sleep } from "node:timers/promises";
import { Fault, harnessFault } from "../fault/fault.js";
import { describeEnd, runCommand } from "../host/run-command.js";

export type PowerStatus = "on" | "off";

/** Each call returns when the status has become what was asked; fault "target-lost" when it does not. */
export interface PowerSwitch {
  status(): Promise<PowerStatus>;
  on(): Promise<void>;
  off(): Promise<void>;
  /** Off, then on; whether the machine boots is for its boot id to say. */
  cycle(): Promise<void>;
}

/** The bare requests, which may return before anything has happened. */
export interface PowerRequests {
  status(): Promise<PowerStatus>;
  on(): Promise<void>;
  off(): Promise<void>;
}

export function pollingSwitch(
  requests: PowerRequests,
  wait: { limitMs: number; pollMs: number },
): PowerSwitch {
  const reach = async (wanted: PowerStatus): Promise<void> => {
    await requests[wanted]();
    const deadline = performance.now() + wait.limitMs;
    while ((await requests.status()) !== wanted) {
      if (performance.now() > deadline)
        throw new Fault(
          "target-lost",
          `the power switch took "${wanted}" but still says otherwise after ${wait.limitMs / 1000} s`,
        );
      await sleep(wait.pollMs);
    }
  };
  return {
    status: () => requests.status(),
    on: () => reach("on"),
    off: () => reach("off"),
    cycle: async () => {
      await reach("off");
      await reach("on");
    },
  };
}

/** The user's own commands for sh; `status` prints a last word "on" or "off". */
export interface PowerCommands {
  on: string;
  off: string;
  status: string;
}

export function commandPower(
  commands: PowerCommands,
  wait: { limitMs: number; pollMs: number } = { limitMs: 60_000, pollMs: 1000 },
): PowerSwitch {
  return pollingSwitch(
    {
      status: async () => parseStatus(await runPowerCommand(commands.status)),
      on: async () => {
        await runPowerCommand(commands.on);
      },
      off: async () => {
        await runPowerCommand(commands.off);
      },
    },
    wait,
  );
}

function parseStatus(text: string): PowerStatus {
  const word = text.trim().toLowerCase().split(/\s+/).at(-1);
  if (word === "on" || word === "off") return word;
  throw harnessFault(`the power status command printed "${text.trim()}"`, {
    hint: "its last word must be on or off",
  });
}

async function runPowerCommand(command: string): Promise<string> {
  const result = await runCommand(["sh", "-c", command], { timeoutMs: 60_000 });
  if (result.end.kind === "exited" && result.end.code === 0) return result.stdout.toString();
  throw harnessFault(`power command "${command}": ${describeEnd(result.end)}: ${result.stderr.trim()}`);
}
