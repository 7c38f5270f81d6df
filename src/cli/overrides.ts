// Settings that a TARBISECT_ variable or a flag may replace; the file's place in a setting is the one table's row.
import { distance } from "../catalog/did-you-mean.js";

export interface Override {
  /** Where it stands in tarbisect.yaml. */
  path: readonly [string] | readonly [string, string];
  variable: string;
  flag: string;
}

export const overrides: readonly Override[] = [
  { path: ["driver"], variable: "TARBISECT_DRIVER", flag: "--driver" },
  { path: ["ssh"], variable: "TARBISECT_SSH", flag: "--ssh" },
  { path: ["kernel"], variable: "TARBISECT_KERNEL", flag: "--kernel" },
  { path: ["evidence"], variable: "TARBISECT_EVIDENCE", flag: "--evidence" },
  { path: ["build", "timeout"], variable: "TARBISECT_BUILD_TIMEOUT", flag: "--build-timeout" },
  { path: ["load", "timeout"], variable: "TARBISECT_LOAD_TIMEOUT", flag: "--load-timeout" },
  { path: ["stress", "timeout"], variable: "TARBISECT_STRESS_TIMEOUT", flag: "--stress-timeout" },
];

/** One replaced value and who said so, such as "TARBISECT_SSH". */
export interface Replaced {
  path: Override["path"];
  value: string;
  by: string;
}

/** Later entries win: variables first, then flags (by their name without dashes, in camel case). */
export function replacedValues(env: NodeJS.ProcessEnv, flags: Readonly<Record<string, unknown>>): Replaced[] {
  const fromEnv = overrides.flatMap(({ path, variable }) => {
    const value = env[variable];
    return value === undefined || value === "" ? [] : [{ path, value, by: variable }];
  });
  const fromFlags = overrides.flatMap(({ path, flag }) => {
    const value = flags[flag.slice(2).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())];
    return typeof value === "string" ? [{ path, value, by: flag }] : [];
  });
  return [...fromEnv, ...fromFlags];
}

/** Variables that look like a mistyped one of ours: TARBISECT_SSHH would test the wrong machine in silence. */
export function mistypedVariables(env: NodeJS.ProcessEnv): { name: string; meant: string }[] {
  const known = overrides.map(({ variable }) => variable);
  return Object.keys(env).flatMap((name) => {
    if (!name.startsWith("TARBISECT_") || known.includes(name)) return [];
    const meant = known.find((variable) => distance(name, variable) <= 2);
    return meant === undefined ? [] : [{ name, meant }];
  });
}
