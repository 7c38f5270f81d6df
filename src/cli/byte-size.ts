import { usageFault } from "../fault/fault.js";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** Bytes that "500M", "2GiB", "1.5 g" or "4096" stand for; units are powers of 1024. */
export function parseByteSize(text: string): number {
  const found = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/i.exec(text.trim());
  if (!found) throw usageFault(`"${text}" is no size`, "write it like 500M or 2GiB");
  const power = " kmgt".indexOf(found[2]?.toLowerCase() || " ");
  return Math.round(Number(found[1]) * 1024 ** power);
}

/** "598477" bytes as "584.5 KiB". */
export function renderByteSize(sizeBytes: number): string {
  let [value, unit] = [sizeBytes, 0];
  while (value >= 1024 && unit < UNITS.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}
