// A Netdata agent's charts as series of the report.
import { inPlainUnit, readNetdataRows } from "../evidence/netdata.js";
import type { Report } from "./report-shape.js";

type Series = Report["series"];

/** Charts that say what our own samples say, under the same name: they are drawn together. */
const sameAsOurs: Readonly<Record<string, string>> = {
  "mem.available": "available memory",
  "mem.slab": "slab",
};
/** Of `system.softirqs` what matters to a receiving machine; a rate, where ours is a count. */
const onlyDimension: Readonly<Record<string, string>> = { "system.softirqs": "NET_RX" };

/** Of netdata.jsonl; seconds since the watch began, values in bytes and bit/s. */
export function netdataSeries(source: string, text: string): Series {
  const series = new Map<string, Series[number]>();
  const rows = readNetdataRows(text);
  for (const { atMs, chart, units, values } of rows) {
    const { unit, factor } = inPlainUnit(units);
    const same = sameAsOurs[chart];
    const only = onlyDimension[chart];
    const named: [string, number | undefined][] =
      same === undefined
        ? Object.entries(values)
            .filter(([dimension]) => only === undefined || dimension === only)
            .map(([dimension, value]) => [`${chart} ${dimension}`, value])
        : [[same, Object.values(values).reduce((all, value) => all + value, 0)]];
    for (const [name, value] of named) {
      if (value === undefined) continue;
      const one = series.get(name) ?? { source, name, unit, points: [] };
      one.points.push([Math.round(atMs) / 1000, value * factor]);
      series.set(name, one);
    }
  }
  return [...series.values()].filter(({ points }) => points.length > 1);
}
