// A console server's TCP port: raw bytes, or telnet (RFC 854), whose commands are taken out and whose options refused.
import { connect } from "node:net";
import type { ConsoleEnd, ConsoleSource } from "./console-source.js";

const connectLimitMs = 10_000;

export function tcpConsole(host: string, port: number): ConsoleSource {
  return {
    name: `tcp ${host}:${port}`,
    follow: (reader, signal) =>
      new Promise<ConsoleEnd>((resolve) => {
        let detail = "the other side closed it";
        const telnet = new TelnetReader();
        const socket = connect({ host, port, keepAlive: true, keepAliveInitialDelay: 15_000 });
        const timer = setTimeout(() => socket.destroy(new Error("no connection in 10 s")), connectLimitMs);
        const stop = (): void => void socket.destroy();
        signal.addEventListener("abort", stop, { once: true });
        socket.on("connect", () => {
          clearTimeout(timer);
          reader.ready();
        });
        socket.on("data", (chunk) => {
          const { text, answer } = telnet.push(chunk);
          if (text.length > 0) reader.data(text);
          if (answer.length > 0) socket.write(answer);
        });
        socket.on("error", (error) => (detail = error.message));
        socket.on("close", () => {
          clearTimeout(timer);
          signal.removeEventListener("abort", stop);
          resolve({ detail });
        });
      }),
  };
}

const code = { end: 240, begin: 250, will: 251, wont: 252, do: 253, dont: 254, command: 255 } as const;
/** Its data is binary, and it echoes and does not say when to go ahead (RFC 856, 857, 858): what a console is. */
const welcome: readonly number[] = [0, 1, 3];

/** Takes telnet's commands out of a stream that may be cut anywhere; bytes without a command pass as they are. */
export class TelnetReader {
  private state: "text" | "command" | "option" | "inside" | "inside-command" = "text";
  private verb = 0;

  push(chunk: Buffer): { text: Buffer; answer: Buffer } {
    const text: number[] = [];
    const answer: number[] = [];
    for (const byte of chunk) this.take(byte, text, answer);
    return { text: Buffer.from(text), answer: Buffer.from(answer) };
  }

  private take(byte: number, text: number[], answer: number[]): void {
    switch (this.state) {
      case "text":
        if (byte === code.command) this.state = "command";
        else text.push(byte);
        return;
      case "command":
        this.verb = byte;
        if (byte === code.command) text.push(byte);
        this.state =
          byte === code.begin ? "inside" : byte >= code.will && byte <= code.dont ? "option" : "text";
        return;
      case "option":
        answer.push(...this.answerTo(byte));
        this.state = "text";
        return;
      case "inside":
        if (byte === code.command) this.state = "inside-command";
        return;
      case "inside-command":
        this.state = byte === code.end ? "text" : "inside";
    }
  }

  private answerTo(option: number): number[] {
    if (this.verb === code.will)
      return [code.command, welcome.includes(option) ? code.do : code.dont, option];
    return this.verb === code.do ? [code.command, code.wont, option] : [];
  }
}
