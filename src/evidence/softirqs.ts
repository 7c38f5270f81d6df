/** /proc/softirqs: each kind's count per CPU, in the order of the CPUs that are online; undefined without a row. */
export function readSoftirqs(text: string): Record<string, number[]> | undefined {
  const kinds: Record<string, number[]> = {};
  for (const [, kind, counts] of text.matchAll(/^[ \t]*([A-Z_]+):((?:[ \t]+\d+)+)[ \t\r]*$/gm))
    kinds[kind ?? ""] = (counts ?? "").trim().split(/\s+/).map(Number);
  return Object.keys(kinds).length === 0 ? undefined : kinds;
}

/** One line of /proc/net/softnet_stat, which is hexadecimal and has 11, 13 or 15 columns. */
export interface SoftnetCpu {
  cpu: number;
  processed: number;
  dropped: number;
  /** How often the poll ran out of its budget. */
  timeSqueeze: number;
  flowLimit?: number;
  backlog?: number;
}

/** Reads /proc/net/softnet_stat; undefined without a row. Newer kernels name the CPU, older ones by the line. */
export function readSoftnetStat(text: string): SoftnetCpu[] | undefined {
  const rows = text.split("\n").filter((line) => /^(?:[0-9a-f]{8}\s*){3,}$/.test(line));
  const cpus = rows.map((line, index) => {
    const columns = line
      .trim()
      .split(/\s+/)
      .map((word) => parseInt(word, 16));
    const cpu: SoftnetCpu = {
      cpu: columns[12] ?? index,
      processed: columns[0] ?? 0,
      dropped: columns[1] ?? 0,
      timeSqueeze: columns[2] ?? 0,
    };
    if (columns[10] !== undefined) cpu.flowLimit = columns[10];
    if (columns[11] !== undefined) cpu.backlog = columns[11];
    return cpu;
  });
  return cpus.length === 0 ? undefined : cpus;
}
