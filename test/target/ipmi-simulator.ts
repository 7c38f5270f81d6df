// A BMC on loopback: OpenIPMI's ipmi_sim, whose chassis control runs a script of the test's.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { bmcShape, type BmcAccess } from "../../src/target/bmc/bmc-settings.js";
import { answersRmcp } from "../../src/target/bmc/rmcp-ping.js";
import { freeUdpPort } from "./free-port.js";

export interface IpmiSimulator {
  port: number;
  folder: string;
  /** How a user with the right password gets in. */
  access: BmcAccess;
  accessOf(user: string, password: string): BmcAccess;
  /** Sets its clock and adds an OS Critical Stop to its event log. */
  addEvent(): void;
  stop(): Promise<void>;
}

export const password = "open-sesame-7";

/**
 * `getPower` prints 1 or 0; `setPower` has the value in $1. `solPort`: a TCP port of 127.0.0.1 that is the serial line.
 */
export async function startIpmi(machine: {
  getPower: string;
  setPower: string;
  solPort?: number;
}): Promise<IpmiSimulator> {
  const folder = mkdtempSync(join(tmpdir(), "ipmi-"));
  const at = (name: string): string => join(folder, name);
  const port = await freeUdpPort();
  mkdirSync(at("state"));
  // Called as: SCRIPT 0x20 get power, or SCRIPT 0x20 set power 1; "reset" and "boot" are not asked for here.
  writeFileSync(
    at("chassis"),
    `#!/bin/sh\nshift\ncase "$1 $2" in\n"get power") echo "power:$(${machine.getPower})";;\n"set power") shift 2; ${machine.setPower} ;;\nesac\n`,
    { mode: 0o755 },
  );
  const sol = machine.solPort === undefined ? "" : `  sol "telnet:127.0.0.1:${machine.solPort}" 115200\n`;
  writeFileSync(
    at("lan.conf"),
    `name "bmc"
set_working_mc 0x20
  startlan 1
    addr 127.0.0.1 ${port}
    priv_limit admin
    allowed_auths_callback none md2 md5 straight
    allowed_auths_user none md2 md5 straight
    allowed_auths_operator none md2 md5 straight
    allowed_auths_admin none md2 md5 straight
    guid a123456789abcdefa123456789abcdef
  endlan
  chassis_control "${at("chassis")} 0x20"
${sol}  user 1 true "" "" user 10 none md2 md5 straight
  user 2 true "admin" "${password}" admin 10 none md2 md5 straight
  user 3 true "reader" "${password}" user 10 none md2 md5 straight
`,
  );
  writeFileSync(
    at("bmc.emu"),
    "mc_setbmc 0x20\nmc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr\nsel_enable 0x20 1000 0x0a\nmc_enable 0x20\n",
  );
  const server = spawn("ipmi_sim", ["-c", at("lan.conf"), "-f", at("bmc.emu"), "-s", at("state"), "-n"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said: string[] = [];
  for (const stream of [server.stdout, server.stderr])
    stream.on("data", (text: Buffer) => said.push(text.toString()));
  const exited = new Promise((resolve) => server.once("exit", resolve));
  for (let tries = 0; !(await answersRmcp("127.0.0.1", port)); tries++)
    if (server.exitCode !== null || tries > 20) throw new Error(`ipmi_sim does not answer: ${said.join("")}`);
  const accessOf = (user: string, text: string): BmcAccess => ({
    bmc: bmcShape.parse({
      host: "127.0.0.1",
      user,
      password: "bmc",
      ipmi: { port, cipherSuite: 3, retrySeconds: 5 },
      switchSeconds: 120,
      offSeconds: 0,
    }),
    password: () => Promise.resolve(text),
    hide: (said) => said.replaceAll(text, "[secret bmc]"),
    env: process.env,
  });
  return {
    port,
    folder,
    access: accessOf("admin", password),
    accessOf,
    addEvent: () => {
      const words = ["-I", "lanplus", "-H", "127.0.0.1", "-p", `${port}`, "-U", "admin", "-E", "-C", "3"];
      const ask = (...more: string[]): unknown =>
        execFileSync("ipmitool", [...words, ...more], {
          env: { ...process.env, TZ: "UTC", IPMI_PASSWORD: password },
          stdio: "pipe",
        });
      ask("sel", "time", "set", "now");
      writeFileSync(at("event"), "0x04 0x20 0x00 0x6f 0x01 0xff 0xff # OS critical stop\n");
      ask("sel", "add", at("event"));
    },
    stop: async () => {
      server.kill("SIGKILL");
      await exited;
      await sleep(0);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
