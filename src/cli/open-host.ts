import { usageFault } from "../fault/fault.js";
import { cacheFolder } from "../host/cache-folder.js";
import { withoutSecrets } from "../host/secret-variables.js";
import { openSecrets } from "../host/secrets.js";
import { openTarget } from "../target/host-description.js";
import type { Target } from "../target/target.js";
import type { Call } from "./call.js";
import type { Settings } from "./settings-shape.js";

/** One of the settings' hosts; nothing is connected yet. */
export async function openHost(name: string, settings: Settings, call: Call): Promise<Target> {
  const description = settings.hosts[name];
  if (description === undefined) {
    const names = Object.keys(settings.hosts).join(", ");
    throw usageFault(`"${name}" is none of hosts`, names === "" ? "hosts in tarbisect.yaml" : names);
  }
  const { env } = call;
  return openTarget(name, description, {
    cacheFolder: cacheFolder(env),
    env: withoutSecrets(env),
    secrets: openSecrets(env),
  });
}
