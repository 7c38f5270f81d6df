// What tarbisect's commands need of a machine, and the package that brings it (names of Debian and Ubuntu).
import { constants } from "node:fs";
import { access, mkdir, statfs } from "node:fs/promises";
import { release } from "node:os";
import { messageOf } from "../fault/fault.js";
import { runCommand } from "./run-command.js";

interface Program {
  name: string;
  for: string;
  package: string;
  /** Without it the main job (import and bisect on this machine) does not work. */
  needed: boolean;
}

const programs: readonly Program[] = [
  { name: "git", for: "histories and bisects", package: "git", needed: true },
  { name: "setsid", for: "time limits that end a whole stage", package: "util-linux", needed: true },
  { name: "make", for: "building modules", package: "make", needed: true },
  { name: "gcc", for: "building modules", package: "gcc", needed: true },
  { name: "patch", for: "fixups that are patches", package: "patch", needed: true },
  { name: "tar", for: "bringing a source to an ssh host", package: "tar", needed: false },
  { name: "ssh", for: "targets over ssh", package: "openssh-client", needed: false },
  { name: "iperf3", for: "stress by traffic", package: "iperf3", needed: false },
  { name: "ethtool", for: "looking at a network card", package: "ethtool", needed: false },
  { name: "ipmitool", for: "power and console by a BMC", package: "ipmitool", needed: false },
  { name: "qemu-system-x86_64", for: "the lab", package: "qemu-system-x86", needed: false },
];

const leastFreeBytes = 1024 ** 3;

export interface NeedCheck {
  name: string;
  state: "ok" | "missing" | "missing-optional";
  /** What it is for, or what was found. */
  detail: string;
  /** What to type; undefined when nothing is missing. */
  hint: string | undefined;
}

/** Looks at this machine; `kernel` is the one to build for (uname -r). Nothing is changed but the cache folder made. */
export async function checkNeeds(cache: string, kernel: string = release()): Promise<NeedCheck[]> {
  return [...(await checkPrograms()), await checkHeaders(kernel), await checkCache(cache)];
}

async function checkPrograms(): Promise<NeedCheck[]> {
  const script =
    'PATH="$PATH:/usr/sbin:/sbin"; for p; do command -v "$p" >/dev/null && echo "$p"; done; true';
  const { stdout } = await runCommand(["sh", "-c", script, "sh", ...programs.map(({ name }) => name)]);
  const found = new Set(stdout.toString().split("\n"));
  return programs.map((program) =>
    found.has(program.name)
      ? { name: program.name, state: "ok", detail: program.for, hint: undefined }
      : {
          name: program.name,
          state: program.needed ? "missing" : "missing-optional",
          detail: program.for,
          hint: `apt-get install ${program.package}`,
        },
  );
}

async function checkHeaders(kernel: string): Promise<NeedCheck> {
  const folder = `/lib/modules/${kernel}/build`;
  const there = await exists(`${folder}/Makefile`);
  return {
    name: "kernel headers",
    state: there ? "ok" : "missing-optional",
    detail: there ? folder : `building for kernel ${kernel} on this machine`,
    hint: there ? undefined : `apt-get install linux-headers-${kernel}`,
  };
}

async function checkCache(folder: string): Promise<NeedCheck> {
  const check = { name: "cache folder", detail: folder };
  const hint = "free some space, or name another folder in TARBISECT_CACHE";
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize >= leastFreeBytes) return { ...check, state: "ok", hint: undefined };
    return { ...check, state: "missing", detail: `${folder}: less than 1 GiB is free`, hint };
  } catch (error) {
    return { ...check, state: "missing", detail: messageOf(error), hint };
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
