// A host of tarbisect.yaml: how it is reached, what is under test on it, its kernel, power and console.
import { z } from "zod";
import { usageFault } from "../fault/fault.js";
import { guestOf, labFolder, requireLab } from "./lab/lab-state.js";
import { labTarget } from "./lab/lab-target.js";
import { netdataShape } from "./netdata-agent.js";
import { commandPower } from "./power.js";
import { createTarget, type Target } from "./target.js";
import { localTransport, sshTransport } from "./transport.js";

const interfaceShape = z.union([
  z.strictObject({ driver: z.string().regex(/^[\w-]+$/, "is not a module's name") }),
  z.strictObject({
    pci: z.string().regex(/^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/, "is like 0000:01:00.0"),
  }),
  z.strictObject({ mac: z.string().regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/, "is like 52:54:00:01:02:03") }),
]);

/** How an interface under test is named: its name in the kernel may change with the driver. */
export type InterfaceDescription = z.infer<typeof interfaceShape>;

const words = z.string().min(1);

/** One host; exactly one of `ssh`, `local` and `lab` says how it is reached. */
export const hostShape = z
  .strictObject({
    ssh: z.string().optional().describe("as ssh takes it: an alias of your ssh config, host, or user@host"),
    local: z.literal(true).optional().describe("this machine"),
    lab: z.string().optional().describe("a guest of `tarbisect lab`: GUEST, or LAB/GUEST"),
    sudo: z.boolean().optional().describe("commands run through sudo -n"),
    interfaces: z.array(interfaceShape).optional().describe("under test, by driver, pci or mac"),
    kernel: words.optional().describe("the release that must be booted, as uname -r prints it"),
    power: z
      .strictObject({ on: words, off: words, status: words })
      .optional()
      .describe("commands for sh; status prints a last word on or off"),
    boot: words
      .optional()
      .describe("for matrix: a command for sh here after which the host boots $TARBISECT_KERNEL"),
    netdata: netdataShape.optional(),
    console: words.optional().describe("a local file to which the serial console is written"),
  })
  .refine(({ ssh, local, lab }) => [ssh, local, lab].filter((way) => way !== undefined).length === 1, {
    message: "needs exactly one of ssh, local and lab",
  });

export type HostDescription = z.infer<typeof hostShape>;

/** The target that a description names; nothing is connected yet. Harness fault: its lab is not up. */
export async function openTarget(
  name: string,
  host: HostDescription,
  options: { cacheFolder: string },
): Promise<Target> {
  if (host.lab !== undefined) return openGuest(host.lab, options.cacheFolder);
  const transport =
    host.ssh === undefined
      ? localTransport
      : sshTransport({ destination: host.ssh, ...(host.sudo && { sudo: true }) });
  return createTarget({
    name,
    transport,
    power: host.power && commandPower(host.power),
    consoleLog: host.console,
  });
}

async function openGuest(path: string, cacheFolder: string): Promise<Target> {
  const match = /^(?:([a-z0-9-]+)\/)?([a-z0-9]+)$/.exec(path);
  if (match === null) throw usageFault(`"${path}" names no guest of a lab`, "GUEST, or LAB/GUEST");
  const lab = await requireLab(labFolder(cacheFolder, match[1] ?? "lab"));
  return labTarget(lab, guestOf(lab, match[2] ?? ""));
}
