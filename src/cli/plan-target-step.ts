import { join } from "node:path";
import { loadCatalog } from "../catalog/catalog.js";
import { cacheFolder } from "../host/cache-folder.js";
import { openSecrets } from "../host/secrets.js";
import { durationMs } from "../step/duration.js";
import { cycleRules, judgeRules } from "../step/judge-rules.js";
import { loadShape } from "../step/module-settings.js";
import type { TargetPlan } from "../step/run-target-step.js";
import type { TrialHost, TrialHosts } from "../step/trial-hosts.js";
import type { TrialSettings } from "../step/trial-settings.js";
import { openNetdata } from "../target/netdata-agent.js";
import type { Call } from "./call.js";
import { openHost } from "./open-host.js";
import type { Settings } from "./settings-shape.js";

/** Settings with a target as one step's plan. */
export async function planTargetStep(settings: Settings, call: Call, commit?: string): Promise<TargetPlan> {
  const catalog = await loadCatalog(settings.driver ?? "");
  return {
    cwd: call.cwd,
    commit,
    evidence: settings.evidence,
    build: { catalog, settings: settings.build, kernel: settings.kernel, cacheFolder: cacheFolder(call.env) },
    trial: trialSettings(settings),
    claim: claimOf(settings, call),
    openHosts: () => openHosts(settings, call),
    settings,
    signal: call.signal,
    note: call.note,
    now: () => new Date(),
  };
}

/** By what the machine is called here, whatever repository asks for it. */
function claimOf({ hosts, target = "" }: Settings, { env }: Call): string {
  const { lab, ssh } = hosts[target] ?? {};
  const name = lab === undefined ? (ssh ?? "local") : `lab ${lab}`;
  return join(cacheFolder(env), "targets", `${encodeURIComponent(name)}.lock`);
}

function trialSettings(settings: Settings): TrialSettings {
  return {
    load: settings.load ?? loadShape.parse({}),
    configure: settings.configure,
    amplify: settings.amplify,
    guard: settings.guard,
    stress: settings.stress,
    watch: settings.watch,
    judge: judgeRules(settings.judge),
    cycles: cycleRules(settings.judge),
    bootMs: durationMs(settings.recover.boot),
  };
}

async function openHosts(settings: Settings, call: Call): Promise<TrialHosts> {
  const secrets = openSecrets(call.env);
  const open = async (name: string): Promise<TrialHost> => {
    const target = await openHost(name, settings, call);
    const { interfaces = [], kernel, netdata: agent } = settings.hosts[name] ?? {};
    return { name, target, interfaces, kernel, netdata: agent && openNetdata(agent, secrets) };
  };
  return { target: await open(settings.target ?? ""), peers: await Promise.all(settings.peers.map(open)) };
}
