// Whether anything speaks RMCP at a BMC's port: ipmitool says the same of a wrong password and of a dead BMC.
import { createSocket } from "node:dgram";

/** ASF's presence ping (DMTF DSP0136, 3.2.4.2), and outside a session Get Channel Authentication Capabilities (IPMI 2.0, 22.13): some BMCs answer only one. */
const questions = ["0600ff06000011be80000000", "0600ff07000000000000000000092018c88100388e04b5"].map((hex) =>
  Buffer.from(hex, "hex"),
);

/** True as soon as one datagram comes back; false after three tries of `waitMs`. */
export async function answersRmcp(host: string, port: number, waitMs = 1000): Promise<boolean> {
  for (let tries = 0; tries < 3; tries++) if (await askOnce(host, port, waitMs)) return true;
  return false;
}

function askOnce(host: string, port: number, waitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
    const end = (answered: boolean) => (): void => {
      clearTimeout(timer);
      socket.removeAllListeners().on("error", () => undefined);
      socket.close();
      resolve(answered);
    };
    const timer = setTimeout(end(false), waitMs);
    socket.once("message", end(true)).once("error", end(false));
    socket.connect(port, host, () => {
      for (const question of questions) socket.send(question);
    });
  });
}
