// One way to a machine's serial console. What it delivers is bytes; lines, clocks and new connections are the recorder's.

export interface ConsoleReader {
  /** The way is open: what the machine says from now on is delivered. */
  ready(): void;
  data(chunk: Buffer): void;
}

/** Why a connection ended; `taken` when another reader holds the console. */
export interface ConsoleEnd {
  detail: string;
  taken?: true;
}

export interface ConsoleSource {
  /** As a user would name it: "sol 10.0.0.5", "tcp consoles:3001", a path. */
  name: string;
  /** Opens the way once and delivers until it ends or the signal comes. Throws only faults. */
  follow(reader: ConsoleReader, signal: AbortSignal): Promise<ConsoleEnd>;
}
