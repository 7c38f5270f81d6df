// One process at a time does what a lock file guards. The file names its holder and when that one started, so that what a
// killed process leaves behind holds nobody up; it comes to its name whole, so that no reader takes a new lock for a dead one.
import { randomBytes } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Runs `work` while this process holds the lock file; throws `refusal(pid)` while a living process does. */
export async function holdingLock<T>(
  path: string,
  refusal: (pid: string) => Error,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const own = `${path}.${randomBytes(6).toString("hex")}`;
  await writeFile(own, `${process.pid} ${await startOf(process.pid)}`);
  try {
    await acquire(path, own, refusal);
  } finally {
    await rm(own, { force: true });
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** A dead holder's lock is removed under a lock of its own: of several who find it, a slower one must not remove the next. */
async function acquire(path: string, own: string, refusal: (pid: string) => Error): Promise<void> {
  while (!(await tryLink(own, path))) {
    const holder = await holderOf(path);
    if (holder === undefined) continue; // freed just now
    const [pid = "", start] = holder.split(" ");
    if (start && (await startOf(Number(pid))) === start) throw refusal(pid);
    await acquire(`${path}.dead`, own, refusal);
    try {
      if ((await holderOf(path)) === holder) await rm(path, { force: true });
    } finally {
      await rm(`${path}.dead`, { force: true });
    }
  }
}

async function holderOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Field 22 of /proc/PID/stat (proc(5)): a later process with the same id has another; "" when it is gone. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}
