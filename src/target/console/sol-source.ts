// Serial over LAN through ipmitool. It needs no terminal as long as its stdin is open, and leaves the BMC's only session
// in order when stdin ends, also when we are killed. Without a terminal it would keep its banner back: stdbuf.
import { messageOf } from "../../fault/fault.js";
import type { BmcAccess } from "../bmc/bmc-settings.js";
import { expectAnswer, ipmitoolArgv, ipmitoolEnv } from "../bmc/ipmi-command.js";
import type { ConsoleSource } from "./console-source.js";
import { followProgram } from "./program-source.js";

export interface SolOptions {
  /** Ends a session that is open elsewhere, each time that one is in the way. */
  takeOver?: boolean | undefined;
  instance?: number | undefined;
}

/** ipmitool's own words on stdout and stderr (lib/ipmi_sol.c). */
const banner = /\[SOL Session operational\. +Use \S+ for help\]\r?\n/;
const taken = /SOL payload already active on another session/;

export function solConsole(access: BmcAccess, options: SolOptions): ConsoleSource {
  const words = [
    "sol",
    "activate",
    ...(options.instance === undefined ? [] : [`instance=${options.instance}`]),
  ];
  return {
    name: `sol ${access.bmc.host}`,
    async follow(reader, signal) {
      const argv = ["stdbuf", "-oL", ...ipmitoolArgv(access), ...words];
      const end = await followProgram(
        { argv, env: await ipmitoolEnv(access), banner, taken },
        reader,
        signal,
      );
      if (end.taken === undefined || options.takeOver !== true) return end;
      try {
        await expectAnswer(access, ["sol", "deactivate", ...words.slice(2)]);
        return { detail: "a session that was open elsewhere was ended" };
      } catch (error) {
        return { detail: messageOf(error) };
      }
    },
  };
}
