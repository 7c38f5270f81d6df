// What a Netdata agent answers (Netdata: docs/web/api, /api/v1/data and /api/v3/data with format=json), and its form in a
// trial's folder: a line of JSON for each chart and second.

/** One line of netdata.jsonl. */
export interface NetdataRow {
  /** Since the watch began. */
  atMs: number;
  /** "mem.slab" */
  chart: string;
  /** As the agent names it: "MiB", "softirqs/s". */
  units: string;
  values: Record<string, number>;
}

/** One moment of a chart, newest last. */
export interface NetdataPoint {
  /** Of the agent's clock. */
  unixSeconds: number;
  values: Record<string, number>;
}

const mostPoints = 20_000;
const plainUnits = /^[^"\\\x00-\x1f]{0,40}$/;
const dimension = /^[\w .:/@+-]{1,80}$/;

/** What of an answer of /api/v3/data is needed; `result` has the form of all that v1 answers. */
interface WrappedAnswer {
  result?: Partial<Record<"labels" | "data", unknown>> | null;
  totals?: { nodes?: { qr?: unknown } | null } | null;
  view?: { units?: unknown } | null;
}

/** An answer of data, v1 or v3; undefined when it is none. What is no number, or has no plain name, is left out. */
export function readNetdataAnswer(text: string): NetdataPoint[] | undefined {
  const given = tryJson(text) as (WrappedAnswer & WrappedAnswer["result"]) | null | undefined;
  const answer = given?.result ?? given;
  const labels = listOf(answer?.labels);
  const rows = listOf(answer?.data);
  if (labels?.[0] !== "time" || rows === undefined) return undefined;
  const names = labels.map((name) => (typeof name === "string" && dimension.test(name) ? name : undefined));
  return rows
    .slice(0, mostPoints)
    .flatMap((row): NetdataPoint[] => {
      const [time, ...cells] = listOf(row) ?? [];
      if (typeof time !== "number" || !Number.isFinite(time)) return [];
      const values = cells.flatMap((cell, index): [string, number][] => {
        const name = names[index + 1];
        return name !== undefined && typeof cell === "number" ? [[name, cell]] : [];
      });
      return values.length === 0 ? [] : [{ unixSeconds: time, values: Object.fromEntries(values) }];
    })
    .sort((a, b) => a.unixSeconds - b.unixSeconds);
}

/** What the answer of /api/v3/data for one chart says of it; undefined when it is no such answer. */
export function readNetdataView(text: string): { nodes: number; units: string | undefined } | undefined {
  const answer = tryJson(text) as WrappedAnswer | null | undefined;
  if (typeof answer?.totals !== "object" || !answer.result) return undefined;
  const { qr: nodes = 0 } = answer.totals?.nodes ?? {};
  const units = answer.view?.units;
  if (typeof nodes !== "number" || (nodes > 0 && typeof units !== "string")) return undefined;
  return { nodes, units: typeof units === "string" && plainUnits.test(units) ? units : undefined };
}

type LooseRow = Partial<Omit<NetdataRow, "values">> & { values?: Record<string, unknown> | null };

/** Reads netdata.jsonl back; lines of another kind, and one that was cut, are left out. Never throws. */
export function readNetdataRows(text: string): NetdataRow[] {
  return text.split("\n").flatMap((line) => {
    const row = tryJson(line) as LooseRow | null | undefined;
    if (typeof row?.atMs !== "number" || typeof row.chart !== "string") return [];
    if (typeof row.units !== "string" || typeof row.values !== "object" || row.values === null) return [];
    const values = Object.entries(row.values).filter((entry): entry is [string, number] =>
      Number.isFinite(entry[1]),
    );
    return [{ atMs: row.atMs, chart: row.chart, units: row.units, values: Object.fromEntries(values) }];
  });
}

const multiples: Readonly<Record<string, { unit: string; factor: number }>> = {
  KiB: { unit: "bytes", factor: 1024 },
  MiB: { unit: "bytes", factor: 1024 ** 2 },
  GiB: { unit: "bytes", factor: 1024 ** 3 },
  "kilobits/s": { unit: "bit/s", factor: 1000 },
};

/** A value in the unit that our own samples have: bytes, bit/s. */
export function inPlainUnit(units: string): { unit: string; factor: number } {
  return multiples[units] ?? { unit: units, factor: 1 };
}

function listOf(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
