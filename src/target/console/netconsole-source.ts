// The kernel's netconsole (Documentation/networking/netconsole.rst): each message a UDP datagram to us.
import { createSocket } from "node:dgram";
import type { ConsoleEnd, ConsoleSource } from "./console-source.js";

/** Only datagrams of `from` count when it is given: anybody may send one. */
export function netconsole(port: number, from?: string): ConsoleSource {
  return {
    name: `netconsole port ${port}`,
    follow: (reader, signal) =>
      new Promise<ConsoleEnd>((resolve) => {
        const socket = createSocket({ type: "udp4", reuseAddr: false, recvBufferSize: 4 * 1024 * 1024 });
        let end: ConsoleEnd = { detail: "stopped" };
        const stop = (): void => void socket.close();
        signal.addEventListener("abort", stop, { once: true });
        socket.on("listening", () => reader.ready());
        socket.on("message", (message, { address }) => {
          if (from !== undefined && address !== from) return;
          // An extended message (CONFIG_NETCONSOLE_DYNAMIC's extended=1) lacks the line's end.
          reader.data(message.at(-1) === 0x0a ? message : Buffer.concat([message, Buffer.from("\n")]));
        });
        socket.on("error", (error: NodeJS.ErrnoException) => {
          end =
            error.code === "EADDRINUSE" ? { detail: error.message, taken: true } : { detail: error.message };
          socket.close();
        });
        socket.on("close", () => {
          signal.removeEventListener("abort", stop);
          resolve(end);
        });
        socket.bind(port);
      }),
  };
}
