// Defaults < tarbisect.yaml < TARBISECT_ variables < flags; every problem of the file at once, with line and column.
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { checkYaml } from "../catalog/check-yaml.js";
import { messageOf, usageFault } from "../fault/fault.js";
import type { HostDescription } from "../target/host-description.js";
import { findSettings, settingsFile } from "./find-settings.js";
import { mistypedVariables, replacedValues } from "./overrides.js";
import type { Replaced } from "./overrides.js";
import { settingsShape } from "./settings-shape.js";
import type { Settings } from "./settings-shape.js";

export interface SettingsSource {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** commander's options: what of them is no setting is left alone; `config` names the file. */
  flags: Readonly<Record<string, unknown>>;
}

/** The settings that hold here; relative paths in the file are meant from the file's folder. */
export function readSettings({ cwd, env, flags }: SettingsSource): { path: string; settings: Settings } {
  const path = typeof flags.config === "string" ? resolve(cwd, flags.config) : findSettings(cwd);
  if (path === undefined)
    throw usageFault(`there is no ${settingsFile} in ${cwd} or above it`, "tarbisect init DRIVER writes one");
  const mistyped = mistypedVariables(env)[0];
  if (mistyped) throw usageFault(`${mistyped.name} is no setting`, `did you mean ${mistyped.meant}?`);
  const checked = checkYaml(readText(path), settingsShape);
  if (checked.value === undefined || checked.problems.length > 0) {
    const lines = checked.problems.map(
      (problem) => `\n  ${path}:${problem.line}:${problem.column}: ${problem.message}`,
    );
    const count = lines.length === 1 ? "a problem" : `${lines.length} problems`;
    throw usageFault(
      `the settings have ${count}:${lines.join("")}`,
      "tarbisect init DRIVER writes one that explains every key",
    );
  }
  const settings = replaceAll(fromFolder(checked.value, dirname(path)), replacedValues(env, flags));
  return { path, settings: fromFolder(settings, cwd) };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw usageFault(`the settings can't be read: ${messageOf(error)}`);
  }
}

function replaceAll(settings: Settings, replaced: readonly Replaced[]): Settings {
  const next: Record<string, unknown> = structuredClone(settings);
  for (const { path, value } of replaced) {
    const [key, inner] = path;
    if (inner === undefined) next[key] = value;
    else if (next[key] !== undefined) next[key] = { ...next[key], [inner]: value };
  }
  const checked = settingsShape.safeParse(next);
  if (checked.success) return checked.data;
  const problems = checked.error.issues.map(({ path, message }) => {
    const by = replaced.findLast((entry) => entry.path.join(".") === path.join("."));
    return `${by?.by ?? path.join(".")}: "${by?.value ?? ""}" ${message}`;
  });
  throw usageFault(problems.join("; "));
}

/** Paths made absolute, whichever setting holds one; a driver's or a kernel's bare name stays a name. */
function fromFolder(settings: Settings, folder: string): Settings {
  const { driver, evidence, kernel, hosts } = settings;
  const isPath = driver !== undefined && (driver.includes("/") || /\.ya?ml$/.test(driver));
  return {
    ...settings,
    ...(isPath && { driver: resolve(folder, driver) }),
    ...(kernel?.includes("/") && { kernel: resolve(folder, kernel) }),
    ...(evidence !== undefined && { evidence: resolve(folder, evidence) }),
    hosts: Object.fromEntries(Object.entries(hosts).map(([name, host]) => [name, hostFrom(host, folder)])),
  };
}

function hostFrom(host: HostDescription, folder: string): HostDescription {
  const { console, bmc } = host;
  const ca = bmc?.redfish.ca;
  return {
    ...host,
    ...(typeof console === "string" && { console: resolve(folder, console) }),
    ...(bmc && ca !== undefined && { bmc: { ...bmc, redfish: { ...bmc.redfish, ca: resolve(folder, ca) } } }),
  };
}
