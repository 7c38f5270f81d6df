// Two bisects in one work tree would test each other's commits. A lock names its process and when that one started, so
// that what a killed process leaves behind holds nobody up.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { usageFault } from "../fault/fault.js";

/** Runs `work` while this process holds the lock file; a usage fault while another process does. */
export async function holdingLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const own = `${process.pid} ${(await startOf(process.pid)) ?? ""}`;
  while (!(await tryWrite(path, own))) {
    const holder = await readFile(path, "utf8").catch(() => "");
    const [pid = "", started] = holder.split(" ");
    if (started && (await startOf(Number(pid))) === started)
      throw usageFault(`process ${pid} bisects here already`, `ps -fp ${pid}`);
    await rm(path, { force: true });
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function tryWrite(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Field 22 of /proc/PID/stat (proc(5)): a number given to a process for its life; undefined when it is gone. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}
