// A host of tarbisect.yaml: how it is reached, what is under test on it, its kernel, power and console.
import { z } from "zod";
import { usageFault } from "../fault/fault.js";
import type { Secrets } from "../host/secrets.js";
import { bmcShape, type BmcAccess } from "./bmc/bmc-settings.js";
import { ipmiController } from "./bmc/ipmi-controller.js";
import { ipmiPower } from "./bmc/ipmi-power.js";
import { redfishController } from "./bmc/redfish-controller.js";
import { redfishPower } from "./bmc/redfish-power.js";
import { consoleShape, openConsole, type ConsoleDescription } from "./console/console-settings.js";
import { guestOf, labFolder, requireLab } from "./lab/lab-state.js";
import { labTarget } from "./lab/lab-target.js";
import { netdataShape } from "./netdata-agent.js";
import { commandPower, type PowerSwitch } from "./power.js";
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

const powerCommandsShape = z.strictObject({
  on: words,
  off: words,
  status: words,
  offSeconds: z
    .int()
    .min(0)
    .max(3600)
    .default(5)
    .describe("how long it stays off before it is switched on again"),
});

/** One host; exactly one of `ssh`, `local` and `lab` says how it is reached. */
export const hostShape = z
  .strictObject({
    ssh: z.string().optional().describe("as ssh takes it: an alias of your ssh config, host, or user@host"),
    local: z.literal(true).optional().describe("this machine"),
    lab: z.string().optional().describe("a guest of `tarbisect lab`: GUEST, or LAB/GUEST"),
    sudo: z.boolean().optional().describe("commands run through sudo -n"),
    interfaces: z.array(interfaceShape).optional().describe("under test, by driver, pci or mac"),
    kernel: words.optional().describe("the release that must be booted, as uname -r prints it"),
    bmc: bmcShape.optional().describe("its management controller, for power and console"),
    power: z
      .union([z.enum(["ipmi", "redfish"]), powerCommandsShape], {
        error: "is ipmi, redfish, or the commands on, off and status",
      })
      .optional()
      .describe("ipmi or redfish by its bmc, or commands for sh; status prints a last word on or off"),
    boot: words
      .optional()
      .describe("for matrix: a command for sh here after which the host boots $TARBISECT_KERNEL"),
    netdata: netdataShape.optional(),
    console: consoleShape.optional().describe("where its serial console can be read"),
  })
  .refine(({ ssh, local, lab }) => [ssh, local, lab].filter((way) => way !== undefined).length === 1, {
    message: "needs exactly one of ssh, local and lab",
  })
  .refine(({ power, bmc }) => typeof power !== "string" || bmc !== undefined, {
    message: "needs bmc: it says where its power is switched",
    path: ["power"],
  })
  .refine(({ console, bmc }) => !isSol(console) || bmc !== undefined, {
    message: "needs bmc: it says whose serial over LAN is meant",
    path: ["console"],
  });

function isSol(console: ConsoleDescription | undefined): boolean {
  return typeof console === "object" && "sol" in console;
}

export type HostDescription = z.infer<typeof hostShape>;

/** What a description can't hold. */
export interface OpenOptions {
  cacheFolder: string;
  /** For the programs that are started. */
  env: NodeJS.ProcessEnv;
  secrets: Secrets;
}

/** The target that a description names; nothing is connected yet. Harness fault: its lab is not up. */
export async function openTarget(name: string, host: HostDescription, options: OpenOptions): Promise<Target> {
  const target =
    host.lab === undefined ? overSsh(name, host) : await openGuest(host.lab, options.cacheFolder);
  const { bmc, power, console } = host;
  const { env, secrets } = options;
  const access: BmcAccess | undefined = bmc && {
    bmc,
    env,
    password: () => secrets.read(bmc.password),
    hide: (text) => secrets.hide(text),
  };
  return {
    ...target,
    power: openPower(power, access) ?? target.power,
    bmc: access && (power === "redfish" ? redfishController(access) : ipmiController(access)),
    console: console === undefined ? target.console : openConsole(console, { access, env }),
  };
}

function overSsh(name: string, { ssh, sudo }: HostDescription): Target {
  const transport =
    ssh === undefined ? localTransport : sshTransport({ destination: ssh, ...(sudo && { sudo: true }) });
  return createTarget({ name, transport });
}

function openPower(power: HostDescription["power"], access: BmcAccess | undefined): PowerSwitch | undefined {
  if (power === undefined || typeof power === "object") return power && commandPower(power);
  if (access === undefined) throw usageFault(`power: ${power} needs bmc`);
  return power === "ipmi" ? ipmiPower(access) : redfishPower(access);
}

async function openGuest(path: string, cacheFolder: string): Promise<Target> {
  const match = /^(?:([a-z0-9-]+)\/)?([a-z0-9]+)$/.exec(path);
  if (match === null) throw usageFault(`"${path}" names no guest of a lab`, "GUEST, or LAB/GUEST");
  const lab = await requireLab(labFolder(cacheFolder, match[1] ?? "lab"));
  return labTarget(lab, guestOf(lab, match[2] ?? ""));
}
