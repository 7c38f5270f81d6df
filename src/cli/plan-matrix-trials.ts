// The trials of a table on the settings' hosts: how each kernel is booted, and what a cell's trial is.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { usageFault } from "../fault/fault.js";
import { cacheFolder } from "../host/cache-folder.js";
import { withoutSecrets } from "../host/secret-variables.js";
import { bootHost } from "../matrix/boot-host.js";
import { matrixLabName, withLab, type WantedLab } from "../matrix/boot-lab.js";
import type { MatrixRelease } from "../matrix/build-cell.js";
import { inTree } from "../matrix/choose-releases.js";
import { fetchShippedModule } from "../matrix/in-tree-module.js";
import type { CellPlace } from "../matrix/run-trials.js";
import { withChoice } from "../matrix/settings-choices.js";
import type { TrialName, TrialRecord } from "../matrix/trial-record.js";
import { buildForTarget } from "../step/build-for-target.js";
import { durationMs } from "../step/duration.js";
import { testOnTarget, type TargetPlan, type Tested } from "../step/run-target-step.js";
import type { Call } from "./call.js";
import { planTargetStep } from "./plan-target-step.js";
import type { Settings } from "./settings-shape.js";

export interface MatrixTrialsInput {
  settings: Settings;
  repository: string;
  ownFolder: string;
  releases: readonly MatrixRelease[];
  call: Call;
}

/** git's id of no object: the kernel's own module comes from no commit. */
const noCommit = "0".repeat(40);

export interface MatrixTrials {
  nameOf: (place: CellPlace) => TrialName;
  onKernel: (kernel: string, use: () => Promise<void>) => Promise<string | undefined>;
  test: (place: CellPlace) => Promise<TrialRecord>;
}

export function planMatrixTrials(input: MatrixTrialsInput): MatrixTrials {
  const { settings, call } = input;
  const lab = wantedLab(settings);
  return {
    nameOf: (place) => ({
      release: place.release,
      kernel: place.kernel,
      settings: place.choice.label,
      decidedBy: {
        tree: input.releases.find(({ version }) => version === place.release)?.tree ?? inTree,
        settings: settingsFor(settings, place),
      },
    }),
    onKernel: async (kernel, use) => {
      if (lab === undefined) return onHost(input, kernel, use);
      const options = { cacheFolder: cacheFolder(call.env), signal: call.signal, note: call.note };
      await withLab(lab, kernel, options, use);
      return undefined;
    },
    test: (place) => testCell(input, place),
  };
}

/** The settings of one cell: its kernel must be booted, its choice is configured, its lab is the table's own. */
function settingsFor(settings: Settings, { kernel, choice }: CellPlace): Settings {
  const hosts = Object.fromEntries(
    Object.entries(settings.hosts).map(([name, host]) => {
      const lab = host.lab === undefined ? undefined : labOf(host.lab);
      if (lab !== undefined)
        return [name, { ...host, lab: `${matrixLabName(lab.name)}/${lab.guest}`, kernel }];
      return [name, name === settings.target ? { ...host, kernel } : host];
    }),
  );
  return { ...withChoice(settings, choice, settings.target ?? ""), hosts, kernel };
}

async function testCell(input: MatrixTrialsInput, place: CellPlace): Promise<TrialRecord> {
  const { call, ownFolder } = input;
  const settings = settingsFor(input.settings, place);
  const plan: TargetPlan = {
    ...(await planTargetStep(settings, call)),
    evidence: join(ownFolder, "matrix/trials"),
  };
  const scratch = await mkdtemp(join(tmpdir(), "tarbisect-in-tree-"));
  try {
    const { verdict, evidence } = await testOnTarget(
      plan,
      testedBy(input, { place, plan, scratch, settings }),
    );
    return { verdict, evidence, refused: await refusedIn(evidence) };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function testedBy(
  input: MatrixTrialsInput,
  at: { place: CellPlace; plan: TargetPlan; scratch: string; settings: Settings },
): Tested {
  const { place, plan, settings } = at;
  const { repository, ownFolder } = input;
  const release = input.releases.find(({ version }) => version === place.release);
  const commit = release?.commit ?? noCommit;
  const under = { repository, ownFolder, version: place.release, releases: [place.release], commit };
  const own = plan.build.catalog.module;
  const module = release === undefined ? (settings.load?.inTree ?? own) : own;
  const series = `matrix ${place.kernel} ${place.choice.label}`.trim();
  return {
    under,
    module: module.replaceAll("-", "_"),
    build: (where, io) =>
      release === undefined
        ? fetchShippedModule(where.host, module, at.scratch)
        : buildForTarget(plan.build, { under, ...where }, io),
    series: {
      name: series,
      record: (target) =>
        join(ownFolder, "matrix/environments", `${target} ${series}.json`.replace(/[^\w.+~=-]/g, "-")),
    },
    confirm: () => Promise.resolve(),
  };
}

async function refusedIn(evidence: string): Promise<string[]> {
  const text = await readFile(join(evidence, "verdict.json"), "utf8");
  return (JSON.parse(text) as { refused?: string[] }).refused ?? [];
}

async function onHost(
  { settings, call }: MatrixTrialsInput,
  kernel: string,
  use: () => Promise<void>,
): Promise<string | undefined> {
  const { target = "" } = settings;
  const hosts = await (await planTargetStep(settings, call)).openHosts();
  try {
    const booted = await bootHost(hosts.target, {
      kernel,
      command: settings.hosts[target]?.boot,
      env: withoutSecrets(call.env),
      bootMs: durationMs(settings.recover.boot),
      signal: call.signal,
      note: call.note,
    });
    if (booted.kind === "not-bootable") return booted.detail;
  } finally {
    await Promise.all([hosts.target, ...hosts.peers].map((host) => host.target.disconnect()));
  }
  await use();
  return undefined;
}

/** The one lab that the trial's hosts are guests of; undefined when the target is none. */
function wantedLab(settings: Settings): WantedLab | undefined {
  const names = [settings.target ?? "", ...settings.peers];
  const labs = names.flatMap((name) => {
    const lab = settings.hosts[name]?.lab;
    return lab === undefined ? [] : [labOf(lab)];
  });
  if (labs.length === 0) return undefined;
  const [first] = labs;
  if (first === undefined || labs.length < names.length || labs.some(({ name }) => name !== first.name))
    throw usageFault(
      "a table's trials in a lab need all hosts in one lab",
      "target and peers are guests of the same lab, LAB/target and LAB/peer1",
    );
  return { name: first.name, guests: labs.map(({ guest }) => guest) };
}

function labOf(path: string): { name: string; guest: string } {
  const at = path.lastIndexOf("/");
  return { name: at < 0 ? "lab" : path.slice(0, at), guest: path.slice(at + 1) };
}
