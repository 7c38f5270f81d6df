// Power as a switch that is believed only when its status says so: "accepted" is not "done".
import { setTimeout as sleep } from "node:timers/promises";
import { Fault, harnessFault, messageOf } from "../fault/fault.js";
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

export interface SwitchWait {
  /** How long the status may take to become what was asked. */
  limitMs: number;
  pollMs: number;
  /** How long a cycle leaves the machine off; default 0. */
  offMs?: number;
}

export function pollingSwitch(requests: PowerRequests, wait: SwitchWait): PowerSwitch {
  const reach = async (wanted: PowerStatus): Promise<void> => {
    const refusal = await requests[wanted]().then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    const deadline = performance.now() + wait.limitMs;
    for (let trouble = refusal; ; await sleep(wait.pollMs)) {
      // A switch that was asked may need a moment before it answers anything again.
      const status = await requests.status().catch((error: unknown) => void (trouble = { error }));
      if (status === wanted) return; // a machine that was so already may have refused to be told
      if (refusal !== undefined) throw refusal.error;
      if (performance.now() > deadline) throw notReached(wanted, wait, trouble);
    }
  };
  return {
    status: () => requests.status(),
    on: () => reach("on"),
    off: () => reach("off"),
    cycle: async () => {
      await reach("off");
      await sleep(wait.offMs ?? 0);
      await reach("on");
    },
  };
}

function notReached(
  wanted: PowerStatus,
  { limitMs }: SwitchWait,
  trouble: { error: unknown } | undefined,
): Fault {
  const still = trouble === undefined ? "still says otherwise" : messageOf(trouble.error);
  return new Fault(
    "target-lost",
    `the power switch took "${wanted}", but after ${limitMs / 1000} s: ${still}`,
    { cause: trouble?.error },
  );
}

/** The user's own commands for sh; `status` prints a last word "on" or "off". */
export interface PowerCommands {
  on: string;
  off: string;
  status: string;
  /** How long a cycle leaves the machine off: supplies keep it alive for a while. */
  offSeconds: number;
}

export function commandPower(
  commands: PowerCommands,
  limits: { limitMs: number; pollMs: number } = { limitMs: 60_000, pollMs: 1000 },
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
    { ...limits, offMs: commands.offSeconds * 1000 },
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
