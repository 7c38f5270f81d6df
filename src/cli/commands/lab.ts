import { resolve } from "node:path";
import { InvalidArgumentError, type Command } from "commander";
import { usageFault } from "../../fault/fault.js";
import { cacheFolder } from "../../host/cache-folder.js";
import type { LabPlan } from "../../target/lab/lab-plan.js";
import type { Call } from "../call.js";
import type { AddCommand } from "./index.js";

interface UpOptions {
  name: string;
  kernel?: string;
  nic: string;
  guests: number;
  memory: number;
  panic: number;
  share?: string;
}

/** `tarbisect lab`: guests in QEMU that behave like the servers of the story. */
export const addLab: AddCommand = (program, call, finish) => {
  const lab = program.command("lab").description("guests in QEMU as targets: no hardware, no root");
  const sub = (name: string, description: string): Command =>
    lab.command(name).description(description).option("--name <name>", "which lab", "lab");

  sub("up", "boot the guests and wait until ssh reaches them")
    .option("--kernel <version>", "series, release or folder (default: the distribution's)")
    .option("--nic <model>", "interface under test: e1000, e1000e or igb", "e1000")
    .option("--guests <count>", "the target and its traffic peers", wholeNumber, 2)
    .option("--memory <MB>", "of each guest", wholeNumber, 512)
    .option("--panic <seconds>", "reboot so long after a panic; 0 stays in it", wholeNumber, 2)
    .option("--share <folder>", "the guests see it, read-only, at /mnt")
    .action(async (options: UpOptions) => finish(await up(options, call)));

  sub("status", "what runs, and how to reach it")
    .option("--json", "as JSON")
    .action(async (options: { name: string; json?: boolean }) => finish(await status(options, call)));

  sub("ssh", "a shell on a guest, or one command")
    .argument(
      "[words...]",
      "a guest (target, peer1, ...; left out: target), then what to run there, after --",
    )
    .action(async (words: string[], options: { name: string }) => {
      const { labSsh } = await import("../../target/lab/lab-target.js");
      const { guestOf } = await import("../../target/lab/lab-state.js");
      const { openShell } = await import("../../target/lab/open-shell.js");
      const found = await required(options.name, call);
      const named = found.guests.find((guest) => guest.name === words[0]);
      const command = named === undefined ? words : words.slice(1);
      finish(await openShell(labSsh(found, named ?? guestOf(found, "target")), command, call.signal));
    });

  sub("console", "what a guest's serial console has said")
    .argument("[guest]", "target, peer1, ...", "target")
    .option("--follow", "go on until Ctrl-C; what you type goes to the guest")
    .action(async (guest: string, options: { name: string; follow?: boolean }) => {
      const { readConsole, followConsole } = await import("../../target/lab/read-console.js");
      const { guestOf } = await import("../../target/lab/lab-state.js");
      const found = guestOf(await required(options.name, call), guest);
      call.out(await readConsole(found));
      if (options.follow)
        await followConsole(found, { input: process.stdin, out: call.out, signal: call.signal });
      finish(0);
    });

  sub("power", "switch a guest's power and wait until it is done")
    .argument("<action>", "on, off, cycle or status")
    .argument("[guest]", "target, peer1, ...", "target")
    .action(async (action: string, guest: string, options: { name: string }) =>
      finish(await power({ action, guest, ...options }, call)),
    );

  sub("down", "end the guests and remove all that the lab has on disk").action(
    async (options: { name: string }) => {
      const { labFolder, removeLab } = await import("../../target/lab/lab-state.js");
      await removeLab(labFolder(cacheFolder(call.env), options.name));
      call.note("the lab is down\n");
      finish(0);
    },
  );

  lab
    .command("kernels")
    .description("kernels that can be booted and built against")
    .option("--json", "as JSON")
    .action(async (options: { json?: boolean }) => finish(await kernels(options, call)));
};

async function up(options: UpOptions, call: Call): Promise<number> {
  const { nicModels } = await import("../../target/lab/lab-plan.js");
  const { startLab } = await import("../../target/lab/start-lab.js");
  const nic = nicModels.find((model) => model === options.nic);
  if (nic === undefined) throw usageFault(`the lab knows no NIC "${options.nic}"`, nicModels.join(", "));
  const started = performance.now();
  const settings = {
    name: options.name,
    kernel: options.kernel,
    nic,
    guests: options.guests,
    memoryMb: options.memory,
    panicSeconds: options.panic,
    share: options.share === undefined ? undefined : resolve(call.cwd, options.share),
  };
  const lab = await startLab(settings, {
    cacheFolder: cacheFolder(call.env),
    signal: call.signal,
    note: call.note,
  });
  call.out(renderLab(lab));
  call.note(`up in ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
  return 0;
}

async function status(options: { name: string; json?: boolean }, call: Call): Promise<number> {
  const { findLab, labFolder } = await import("../../target/lab/lab-state.js");
  const found = await findLab(labFolder(cacheFolder(call.env), options.name));
  if (options.json) call.out(`${JSON.stringify(found, null, 2)}\n`);
  else if (found.kind === "up") call.out(renderLab(found.lab));
  else if (found.kind === "none") call.out(`no lab ${options.name}\n`);
  else call.out(`no lab ${options.name}: ${found.reason}; its remains were cleaned\n`);
  return 0;
}

async function power(options: { name: string; action: string; guest: string }, call: Call): Promise<number> {
  const { labPower } = await import("../../target/lab/lab-power.js");
  const { guestOf } = await import("../../target/lab/lab-state.js");
  const { action } = options;
  if (action !== "on" && action !== "off" && action !== "cycle" && action !== "status")
    throw usageFault(`"${action}" is no power action`, "on, off, cycle or status");
  const guestPower = labPower(guestOf(await required(options.name, call), options.guest));
  if (action !== "status") await guestPower[action]();
  call.out(`${await guestPower.status()}\n`);
  return 0;
}

async function kernels(options: { json?: boolean }, call: Call): Promise<number> {
  const { listUnpackedKernels } = await import("../../build/kernels.js");
  const { compareReleases, listOfferedKernels } = await import("../../build/kernel-packages.js");
  const unpacked = await listUnpackedKernels(cacheFolder(call.env));
  const offered = await listOfferedKernels(call.signal);
  const all = [...new Set([...unpacked, ...offered])].sort(compareReleases);
  const rows = all.map((release) => ({ release, unpacked: unpacked.includes(release) }));
  if (options.json) call.out(`${JSON.stringify(rows, null, 2)}\n`);
  else for (const row of rows) call.out(`${row.release}${row.unpacked ? "  (unpacked, ready)" : ""}\n`);
  return 0;
}

async function required(name: string, call: Call): Promise<LabPlan> {
  const { labFolder, requireLab } = await import("../../target/lab/lab-state.js");
  return requireLab(labFolder(cacheFolder(call.env), name));
}

function renderLab(lab: LabPlan): string {
  const head = `lab ${lab.name}: kernel ${lab.kernelRelease}, ${lab.nic}, ${lab.acceleration}, ${lab.memoryMb} MB a guest\n`;
  const guests = lab.guests.map((guest) => {
    const links = guest.links.map((link) => `${link.address} (peer ${link.peerAddress})`).join(", ");
    return `  ${guest.name}  ssh 127.0.0.1:${guest.sshPort}  under test: ${links || "none"}\n`;
  });
  return head + guests.join("");
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("not a whole number");
  return Number(text);
}
