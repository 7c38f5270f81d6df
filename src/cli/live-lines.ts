// What is under way, a line each, rewritten in place on a terminal; a log gets only what has ended, as plain lines.

export interface LiveLines {
  /** Shows how far something is. */
  show(key: string, text: string): void;
  /** Takes its line away, and leaves `text` where it is given. */
  settle(key: string, text?: string): void;
}

interface Terminal {
  write: (text: string) => void;
  /** Undefined where there is no terminal. */
  columns: number | undefined;
  nowMs: () => number;
}

const REDRAW_MS = 100;
const TO_BLOCK_START = (lines: number): string => (lines > 0 ? `\x1b[${lines}A\r\x1b[J` : "");

export function liveLines({ write, columns, nowMs }: Terminal): LiveLines {
  const active = new Map<string, string>();
  let drawn = 0;
  let drawnMs = -Infinity;
  const draw = (above: string): void => {
    const lines = [...active.values()].map((text) => `${text.slice(0, (columns ?? 80) - 1)}\n`);
    write(TO_BLOCK_START(drawn) + above + lines.join(""));
    drawn = lines.length;
    drawnMs = nowMs();
  };
  return {
    show(key, text) {
      if (columns === undefined) return;
      active.set(key, text);
      if (nowMs() - drawnMs >= REDRAW_MS) draw("");
    },
    settle(key, text) {
      active.delete(key);
      const above = text === undefined ? "" : `${text}\n`;
      if (columns === undefined) write(above);
      else draw(above);
    },
  };
}

/** Lines on stderr. */
export function stderrLines(write: (text: string) => void): LiveLines {
  const columns = process.stderr.isTTY ? process.stderr.columns || 80 : undefined;
  return liveLines({ write, columns, nowMs: () => performance.now() });
}
