// A guest's serial console: all of it is in a file; the socket takes what is typed.
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { harnessFault } from "../../fault/fault.js";
import { plainText } from "../plain-text.js";
import type { GuestPlan } from "./lab-plan.js";

/** All that the console has said, with terminal control sequences taken out: a guest may print anything. */
export async function readConsole(guest: GuestPlan): Promise<string> {
  return plainText(await readFile(guest.consoleLog, "utf8"));
}

/** Passes the console on until the signal; the input goes to the guest line by line. */
export async function followConsole(
  guest: GuestPlan,
  options: { input: NodeJS.ReadStream; out: (text: string) => void; signal: AbortSignal },
): Promise<void> {
  const socket = connect(guest.consoleSocket);
  socket.setEncoding("utf8");
  socket.on("data", (text: string) => options.out(plainText(text)));
  options.input.pipe(socket);
  options.signal.addEventListener("abort", () => socket.destroy(), { once: true });
  await new Promise<void>((resolve, reject) => {
    socket.on("error", (cause) => reject(harnessFault(`the console is closed: ${cause.message}`, { cause })));
    socket.on("close", () => resolve());
  });
  options.input.unpipe(socket).destroy();
}
