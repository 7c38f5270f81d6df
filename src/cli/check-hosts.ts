import { usageFault } from "../fault/fault.js";
import { durationMs } from "../step/duration.js";
import { checkHost, unopened, type HostChecks } from "../step/host-needs.js";
import type { HostDescription } from "../target/host-description.js";
import type { Call } from "./call.js";
import { openHost } from "./open-host.js";
import type { Settings } from "./settings-shape.js";

/** What each host that takes part lacks, the target first; all are asked at once. */
export async function checkHosts(settings: Settings, call: Call): Promise<HostChecks[]> {
  const { target, peers, twins = [] } = settings;
  if (target === undefined)
    throw usageFault("the settings name no target", "hosts and target in tarbisect.yaml; see tarbisect init");
  const names = [...new Set([target, ...twins, ...peers])];
  return Promise.all(names.map((name) => checkOne(name, settings, call)));
}

async function checkOne(name: string, settings: Settings, call: Call): Promise<HostChecks> {
  const description = settings.hosts[name];
  if (description === undefined) throw usageFault(`"${name}" is none of hosts`);
  const isTarget = name === settings.target || settings.twins?.includes(name) === true;
  try {
    const opened = await openHost(name, settings, call);
    try {
      return await checkHost(
        { name, target: opened, interfaces: description.interfaces ?? [] },
        {
          isTarget,
          flows: settings.stress.flows !== undefined,
          builds: isTarget && settings.build.on === "target",
          memleak: isTarget && settings.stress.memleak !== "off",
          kernel: description.kernel,
          amplify: {
            on: settings.amplify,
            plannedMs: settings.stress.flows && durationMs(settings.stress.duration),
          },
        },
        reachHint(description),
      );
    } finally {
      await opened.disconnect();
    }
  } catch (error) {
    return unopened(name, error);
  }
}

/** What to type to see for oneself why a host can't be reached. */
function reachHint({ ssh, lab }: HostDescription): string {
  if (lab !== undefined) return "tarbisect lab status";
  return ssh === undefined ? "sh -c true" : `ssh -o BatchMode=yes ${ssh} true`;
}
