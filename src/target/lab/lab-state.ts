// What is known of a lab on disk, and whether its guests still run. A process counts as the lab's only when its
// command line names the lab's own pid file: process ids are used again.
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { harnessFault, usageFault } from "../../fault/fault.js";
import { writeFileAtomically } from "../../host/write-file.js";
import type { GuestPlan, LabPlan } from "./lab-plan.js";

export type FoundLab =
  | { kind: "none" }
  /** Something had ended without `lab down`; what was left of it has been removed. */
  | { kind: "cleaned"; reason: string }
  | { kind: "up"; lab: LabPlan };

/** A lab that is being made: its owner, so that a killed one is told from a slow one. */
interface LabRecord {
  state: "starting" | "up";
  ownerPid: number;
  socketFolder: string;
  lab?: LabPlan;
}

export function labFolder(cacheFolder: string, name: string): string {
  return join(cacheFolder, "labs", name);
}

/** The lab when all its guests run; a dead one is cleaned first. Fault when it is just being started. */
export async function findLab(folder: string): Promise<FoundLab> {
  const record = await readRecord(folder);
  if (record === undefined) return { kind: "none" };
  if (record.state === "starting" && isRunning(record.ownerPid))
    throw harnessFault(`the lab is being started by process ${record.ownerPid}`, {
      hint: "wait for it, or end it",
    });
  const dead = await firstDead(record);
  if (dead === undefined && record.lab !== undefined) return { kind: "up", lab: record.lab };
  await removeLab(folder);
  return { kind: "cleaned", reason: dead ?? "it was never fully started" };
}

/** The lab that must be up; harness fault with the reason otherwise. */
export async function requireLab(folder: string): Promise<LabPlan> {
  const found = await findLab(folder);
  if (found.kind === "up") return found.lab;
  const why = found.kind === "cleaned" ? `: ${found.reason}; its remains were cleaned` : "";
  throw harnessFault(`the lab is not up${why}`, { hint: "tarbisect lab up" });
}

/** A guest by its name. */
export function guestOf(lab: LabPlan, name: string): GuestPlan {
  const guest = lab.guests.find((candidate) => candidate.name === name);
  if (guest !== undefined) return guest;
  throw usageFault(
    `the lab has no guest "${name}"`,
    `its guests: ${lab.guests.map((each) => each.name).join(", ")}`,
  );
}

/** Takes the lab's folder for this process; a second `lab up` at the same moment gets a fault. */
export async function claimLab(folder: string, socketFolder: string): Promise<void> {
  await mkdir(join(folder, ".."), { recursive: true });
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (cause) {
    throw harnessFault(`another process is starting the lab in ${folder}`, { cause });
  }
  await writeRecord(folder, { state: "starting", ownerPid: process.pid, socketFolder });
}

export async function recordLab(lab: LabPlan): Promise<void> {
  const { folder, socketFolder } = lab;
  await writeRecord(folder, { state: "up", ownerPid: process.pid, socketFolder, lab });
}

/** Ends every QEMU of the lab and removes all that it had on disk. Safe to repeat. */
export async function removeLab(folder: string): Promise<void> {
  const record = await readRecord(folder);
  for (const name of await pidFiles(folder)) await endGuest(join(folder, name));
  if (record !== undefined) await rm(record.socketFolder, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
}

/** Whether the QEMU that wrote this pid file still runs. */
export async function guestPid(pidFile: string): Promise<number | undefined> {
  const pid = Number.parseInt(await readFile(pidFile, "utf8").catch(() => ""), 10);
  if (!Number.isInteger(pid)) return undefined;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return commandLine.split("\0").includes(pidFile) ? pid : undefined;
}

async function endGuest(pidFile: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (let pid = await guestPid(pidFile); pid !== undefined; pid = await guestPid(pidFile)) {
    if (Date.now() > deadline) throw harnessFault(`QEMU process ${pid} does not end`);
    process.kill(pid, "SIGKILL");
    await sleep(20);
  }
}

async function firstDead(record: LabRecord): Promise<string | undefined> {
  for (const guest of record.lab?.guests ?? [])
    if ((await guestPid(guest.pidFile)) === undefined) return `the QEMU of guest ${guest.name} had ended`;
  return undefined;
}

async function pidFiles(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".pid"));
}

async function readRecord(folder: string): Promise<LabRecord | undefined> {
  const text = await readFile(join(folder, "lab.json"), "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as LabRecord);
}

async function writeRecord(folder: string, record: LabRecord): Promise<void> {
  await writeFileAtomically(join(folder, "lab.json"), `${JSON.stringify(record, null, 2)}\n`);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
