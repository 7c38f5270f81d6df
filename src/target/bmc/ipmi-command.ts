// One command of ipmitool over lanplus (RMCP+). Its exit code is 1 for everything, so its words are sorted: by them, and
// by whether anything answers at the port at all, a wrong password, a dead BMC and a busy one are told apart.
import { setTimeout as sleep } from "node:timers/promises";
import { harnessFault } from "../../fault/fault.js";
import { describeEnd, runCommand } from "../../host/run-command.js";
import type { BmcAccess } from "./bmc-settings.js";
import { answersRmcp } from "./rmcp-ping.js";

export type IpmiAnswer =
  | { kind: "answered"; text: string }
  /** It understood and will not: a completion code, in ipmitool's words. */
  | { kind: "refused"; text: string }
  | { kind: "busy"; text: string }
  /** Something answers at the port, and lets nobody in. */
  | { kind: "no-session"; text: string }
  | { kind: "silent"; text: string };

/** ipmitool's words for the completion codes C0, C3, CE, CF, D2 and RMCP+ status 01 (lib/ipmi_strings.c, lanplus). */
const busyWords =
  /Node busy|Out of space|BMC initialization in progress|[Ii]nsufficient resources|SDR Repository in update|duplicated request/;
const noSessionWords = /Unable to establish|Get Session Challenge|Activate Session|RAKP|open session/i;
const busyTries = 10;
const busyWaitMs = 2000;

/** Options for ipmitool; the password is in none of them. */
export function ipmitoolArgv({ bmc }: BmcAccess): string[] {
  const { port, cipherSuite, privilege, retries, retrySeconds } = bmc.ipmi;
  return [
    ...["ipmitool", "-I", "lanplus", "-H", bmc.host, "-p", `${port}`, "-U", bmc.user, "-E", "-L", privilege],
    ...["-R", `${retries}`, "-N", `${retrySeconds}`],
    ...(cipherSuite === undefined ? [] : ["-C", `${cipherSuite}`]),
  ];
}

/** ipmitool's environment with the password (its option -E reads it there). */
export async function ipmitoolEnv({ env, password }: BmcAccess): Promise<NodeJS.ProcessEnv> {
  return { ...env, LC_ALL: "C", IPMI_PASSWORD: await password() };
}

export async function askBmc(access: BmcAccess, words: readonly string[]): Promise<IpmiAnswer> {
  const { host, ipmi } = access.bmc;
  const result = await runCommand([...ipmitoolArgv(access), ...words], {
    env: await ipmitoolEnv(access),
    timeoutMs: (ipmi.retries + 1) * ipmi.retrySeconds * 4000 + 10_000,
    keepBytes: 4 * 1024 * 1024,
  });
  if (result.end.kind === "exited" && result.end.code === 0)
    return { kind: "answered", text: access.hide(result.stdout.toString()) };
  const said = result.stderr.trim().split("\n").filter(Boolean);
  const text = said.length === 0 ? describeEnd(result.end) : access.hide(said.slice(-3).join("; "));
  const kind = result.end.kind === "exited" ? sortWords(text) : "no-session";
  return { kind: kind === "no-session" && !(await answersRmcp(host, ipmi.port)) ? "silent" : kind, text };
}

/** What ipmitool's last words mean; a BMC that is not there is among `no-session`. */
export function sortWords(text: string): "busy" | "refused" | "no-session" {
  if (busyWords.test(text)) return "busy";
  return noSessionWords.test(text) ? "no-session" : "refused";
}

/** What the BMC answers; a busy one is asked again for a while. Harness fault for every other end. */
export async function expectAnswer(access: BmcAccess, words: readonly string[]): Promise<string> {
  for (let tries = 1; ; tries++) {
    const answer = await askBmc(access, words);
    if (answer.kind === "answered") return answer.text;
    if (answer.kind !== "busy" || tries >= busyTries) throw ipmiFault(access, words, answer);
    await sleep(busyWaitMs);
  }
}

function ipmiFault(
  { bmc }: BmcAccess,
  words: readonly string[],
  answer: Exclude<IpmiAnswer, { kind: "answered" }>,
): Error {
  const at = `the BMC at ${bmc.host}:${bmc.ipmi.port}`;
  switch (answer.kind) {
    case "refused":
      return harnessFault(`${at} refused "${words.join(" ")}": ${answer.text}`);
    case "busy":
      return harnessFault(`${at} is busy and stays so: ${answer.text}`, {
        hint: "another console or session may hold it: close that, or reset the BMC",
      });
    case "no-session":
      return harnessFault(`${at} answers but lets ${bmc.user} not in: ${answer.text}`, {
        hint: `look at the secret "${bmc.password}", the user's privilege, IPMI over LAN, ipmi.cipherSuite`,
      });
    case "silent":
      return harnessFault(`${at} does not answer: ${answer.text}`, {
        hint: `ping ${bmc.host}; is IPMI over LAN switched on there?`,
      });
  }
}
