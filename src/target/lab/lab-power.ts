// The lab's power switch. Off stops and resets the machine but keeps QEMU, so that its links to other guests stay;
// memory survives as in a warm reset, and with it what ramoops kept of a panic.
import { pollingSwitch, type PowerStatus, type PowerSwitch } from "../power.js";
import type { GuestPlan } from "./lab-plan.js";
import { runQmp } from "./qmp.js";

export function labPower(guest: GuestPlan): PowerSwitch {
  const state = (): Promise<string> => runState(guest.qmpSocket);
  return pollingSwitch(
    {
      status: async (): Promise<PowerStatus> => ((await state()) === "running" ? "on" : "off"),
      off: async () => {
        if ((await state()) === "prelaunch") return;
        await runQmp(guest.qmpSocket, "stop");
        await runQmp(guest.qmpSocket, "system_reset");
      },
      on: async () => {
        // A guest that powered itself off needs the reset before QEMU lets it go on.
        if ((await state()) === "shutdown") await runQmp(guest.qmpSocket, "system_reset");
        await runQmp(guest.qmpSocket, "cont");
      },
    },
    { limitMs: 10_000, pollMs: 50 },
  );
}

async function runState(socket: string): Promise<string> {
  const answer = (await runQmp(socket, "query-status")) as { status: string };
  return answer.status;
}
