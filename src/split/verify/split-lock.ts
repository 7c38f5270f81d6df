// One split at a time in a repository: two would write the same branch and each other's notes.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { usageFault } from "../../fault/fault.js";

/** Takes the lock and gives what frees it. A dead holder's lock is taken over; a living one's is a usage fault. */
export function takeLock(path: string): () => void {
  mkdirSync(dirname(path), { recursive: true });
  const own = `${process.pid} ${startOf(process.pid)}`;
  for (;;) {
    try {
      writeFileSync(path, own, { flag: "wx" });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = readFileSync(path, "utf8");
    const [pid = "", start = ""] = holder.split(" ");
    if (start !== "" && startOf(Number(pid)) === start)
      throw usageFault(
        `process ${pid} splits in this repository already`,
        "wait for it, or end it: the same command goes on where it was",
      );
    rmSync(path, { force: true });
  }
}

/** When a process began, in ticks since boot (proc(5), field 22), so that a later one with its id is another; "" for none. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}
