import { readFileSync } from "node:fs";

const ticksPerSecond = 100; // Linux: USER_HZ, the same on every machine that Node runs on

/** User and system time of all ended children of this process, with theirs: proc(5), cutime and cstime. */
export function childrenCpuSeconds(): number {
  const stat = readFileSync("/proc/self/stat", "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) / ticksPerSecond;
}
