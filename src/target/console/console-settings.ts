// Where a host's console comes from, as tarbisect.yaml says it.
import { z } from "zod";
import { usageFault } from "../../fault/fault.js";
import type { BmcAccess } from "../bmc/bmc-settings.js";
import type { ConsoleSource } from "./console-source.js";
import { fileConsole } from "./file-source.js";
import { netconsole } from "./netconsole-source.js";
import { followProgram } from "./program-source.js";
import { solConsole } from "./sol-source.js";
import { tcpConsole } from "./tcp-source.js";

const words = z.string().min(1);
const hostPort = /^(.+):(\d{1,5})$/;

const ways =
  "is a path, { sol: true }, { tcp: HOST:PORT }, { netconsole: PORT }, { ssh: HOST, run: COMMAND } or { run: COMMAND }";

export const consoleShape = z.union(
  [
    words.describe("a local file to which somebody else writes it"),
    z
      .strictObject({
        sol: z.literal(true),
        instance: z.int().min(1).max(15).optional(),
        takeOver: z.boolean().optional().describe("ends a session that is open elsewhere"),
      })
      .describe("serial over LAN, by the host's bmc"),
    z
      .strictObject({ tcp: z.string().regex(hostPort, "is like consoles:3001") })
      .describe("a console server's port, raw or telnet"),
    z
      .strictObject({
        netconsole: z.int().min(1).max(65_535),
        from: z
          .string()
          .regex(/^\d{1,3}(\.\d{1,3}){3}$/, "is no IPv4 address")
          .optional()
          .describe("the only address that is listened to"),
      })
      .describe("the UDP port to which the host's kernel sends its messages"),
    z
      .strictObject({ ssh: z.string().regex(/^[^-\s]\S*$/, "is no host for ssh"), run: words })
      .describe("what a BMC or a console server prints there, such as: console com2"),
    z
      .strictObject({ run: words })
      .describe("a local command that prints it, such as: console -s server (conserver)"),
  ],
  { error: ways },
);

export type ConsoleDescription = z.infer<typeof consoleShape>;

/** Usage fault when serial over LAN is asked of a host without a bmc. */
export function openConsole(
  way: ConsoleDescription,
  { access, env }: { access: BmcAccess | undefined; env: NodeJS.ProcessEnv },
): ConsoleSource {
  if (typeof way === "string") return fileConsole(way);
  if ("sol" in way) {
    if (access === undefined) throw usageFault("console: { sol: true } needs bmc");
    return solConsole(access, way);
  }
  if ("tcp" in way) {
    const [, host = "", port = ""] = hostPort.exec(way.tcp) ?? [];
    return tcpConsole(host, Number(port));
  }
  if ("netconsole" in way) return netconsole(way.netconsole, way.from);
  if ("ssh" in way) {
    const argv = ["ssh", "-tt", "-x", "-a", ...sshOptions, "--", way.ssh, way.run];
    return programConsole(`ssh ${way.ssh} ${way.run}`, argv, env);
  }
  return programConsole(way.run, ["sh", "-c", way.run], env);
}

/** A BMC that is gone is noticed after 45 s; the shared connection of the target's own ssh is left alone. */
const sshOptions = [
  "BatchMode=yes",
  "ConnectTimeout=10",
  "ServerAliveInterval=15",
  "ServerAliveCountMax=3",
  "ControlPath=none",
  "LogLevel=ERROR",
].flatMap((option) => ["-o", option]);

function programConsole(name: string, argv: readonly string[], env: NodeJS.ProcessEnv): ConsoleSource {
  return { name, follow: (reader, signal) => followProgram({ argv, env }, reader, signal) };
}
