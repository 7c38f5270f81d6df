// Everything that a report is assembled from: git, evidence folders, logs, the two trees and the catalog.
import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { Catalog } from "../catalog/catalog.js";
import { compareTrees } from "../changes/compare-trees.js";
import { readEvidence } from "../evidence/read-evidence.js";
import { usageFault } from "../fault/fault.js";
import { openTree, openTrees, type Tree } from "../history/trees.js";
import { packageRoot } from "../host/package-root.js";
import type { BisectFacts, ReportFacts, SeenText } from "../report/assemble-report.js";
import { failureTexts } from "../report/failure-texts.js";
import { readTrial, type TrialRecord } from "../report/trial-record.js";
import { buildCallGraph } from "../suspects/call-graph.js";
import { rankSuspects } from "../suspects/rank-suspects.js";
import type { Call } from "./call.js";
import { catalogOfTree } from "./catalog-of-tree.js";
import { chosenDriver } from "./chosen-driver.js";
import { evidenceFolder } from "./evidence-place.js";
import { commitOf, dayOf, readBisect, readCulprit, readTimeline } from "./read-bisect.js";
import { readTextFile } from "./read-text-file.js";
import { readEvidenceFolders } from "./read-trials.js";
import { codeOf, compareReleases } from "./compare-releases.js";
import { readDifferingTrees } from "./read-trees.js";
import { SourceIndex } from "./source-index.js";

export interface ReportRequest {
  old: string | undefined;
  new: string | undefined;
  fixed: string | undefined;
  traces: readonly string[];
  driver: string | undefined;
  /** Where the trials are; undefined: as the settings say. */
  evidence: string | undefined;
  /** The command line, for the report's own "how to reproduce". */
  command: string;
}

interface Ends {
  old: string;
  new: string;
  bisect: BisectFacts | undefined;
}

export async function gatherReport(request: ReportRequest, call: Call): Promise<ReportFacts> {
  const ends = await endsOf(request, call.cwd);
  const { bisect } = ends;
  const culprit = bisect === undefined ? undefined : await readCulprit(call.cwd, bisect);
  const index = new SourceIndex(call.env);
  const [before, after] = (await openTrees(
    [culprit?.parent ?? ends.old, culprit?.commit ?? ends.new],
    call.cwd,
  )) as [Tree, Tree];
  const named = await chosenDriver(request.driver, call);
  const catalog = await catalogOfTree(named, after.files.keys());
  const endpoint = (name: string): Promise<ReportFacts["old"]> => endpointOf(name, catalog, call.cwd);
  const [old, current, fixed] = await Promise.all([
    endpoint(ends.old),
    endpoint(ends.new),
    request.fixed === undefined ? undefined : endpoint(request.fixed),
  ]);
  const timeline =
    old.commit === undefined || current.commit === undefined
      ? []
      : await readTimeline(call.cwd, old.commit, current.commit);
  const known = new Set(timeline.map(({ commit }) => commit.slice(0, 10)));
  const all = await readTrials(request.evidence, call);
  const trials = all.filter(({ trial }) => bisect !== undefined || known.has(trial.commit.slice(0, 10)));
  const traces = request.traces.map((file) => seen(file, readTextFile(file, call.cwd)));
  const { before: oldTree, after: newTree } = await readDifferingTrees(before, after, { index });
  const changes = compareTrees(
    { ...oldTree, name: bisect === undefined ? old.label : bisectLabel(bisect, before.label) },
    { ...newTree, name: bisect === undefined ? current.label : bisectLabel(bisect, after.label) },
    catalog?.topics,
  );
  const evidence = failureTexts({ traces, trials, culprit });
  const fix =
    request.fixed === undefined
      ? undefined
      : await compareReleases(after, await openTree(request.fixed, call.cwd), index);
  const graph = buildCallGraph(await codeOf(after, index));
  index.save();
  return {
    tool: toolName(),
    now: reportTime(call.env),
    driver: catalog?.driver,
    module: catalog?.module ?? moduleIn(evidence, graph),
    old,
    new: current,
    fixed,
    changes,
    oldFiles: oldTree.files,
    suspects: rankSuspects({
      changes,
      graph,
      traces: evidence,
      ...(fix === undefined ? {} : { fix }),
    }),
    fix: fix === undefined ? undefined : { changes: fix, oldFiles: newTree.files },
    traces,
    trials,
    bisect,
    culprit,
    timeline,
    reproduce: [
      ...(catalog === undefined ? [] : importCommands(catalog, named, call.cwd)),
      ...commandsOf({ request, ends, trials }),
    ],
  };
}

async function endsOf({ old, new: current }: ReportRequest, cwd: string): Promise<Ends> {
  if (old !== undefined && current !== undefined) return { old, new: current, bisect: undefined };
  if (old !== undefined)
    throw usageFault(`"${old}" is only one end`, "tarbisect report OLD NEW, or neither in a bisect");
  const bisect = await readBisect(cwd);
  const [good, bad] = [bisect?.log.good[0], bisect?.log.bad[0]];
  if (bisect === undefined || good === undefined || bad === undefined)
    throw usageFault(
      bisect === undefined ? `no bisect runs in ${cwd}` : "the bisect has not both a good and a bad end yet",
      "tarbisect report OLD NEW reports on two releases",
    );
  return { old: bisect.labelOf(good.commit), new: bisect.labelOf(bad.commit), bisect };
}

function bisectLabel({ labelOf }: BisectFacts, name: string): string {
  return /^[0-9a-f]{40}$/.test(name) ? labelOf(name) : name;
}

async function endpointOf(
  name: string,
  catalog: Catalog | undefined,
  cwd: string,
): Promise<ReportFacts["old"]> {
  const isPath = /^\.{0,2}\//.test(name) || name === "." || name === "..";
  const commit = isPath ? undefined : await commitOf(cwd, name);
  const release = catalog?.releases.find(({ version }) => version === name.replace(/^v(?=\d)/, ""));
  const date = release?.date ?? (commit === undefined ? undefined : await dayOf(cwd, commit));
  return {
    label: name,
    ...(commit === undefined ? {} : { commit }),
    ...(date === undefined ? {} : { date }),
    ...(release?.withdrawn === true ? { withdrawn: true } : {}),
    ...(release?.notes === undefined ? {} : { notes: release.notes }),
    urls: (release?.urls ?? []).filter((url) => /^https?:/.test(url)),
  };
}

async function readTrials(evidence: string | undefined, call: Call): Promise<TrialRecord[]> {
  const folder = await evidenceFolder(evidence, call);
  if (folder === undefined) return [];
  return (await readEvidenceFolders(folder, call.cwd)).flatMap((files) => readTrial(files) ?? []);
}

/** Of a driver without a catalog: the module whose frames in the logs are functions of this tree. */
function moduleIn(
  evidence: readonly SeenText[],
  { files }: ReturnType<typeof buildCallGraph>,
): string | undefined {
  const events = evidence.flatMap((one) => one.evidence.events ?? []);
  const frames = events.flatMap((event) => event.frames);
  return frames.find((frame) => frame.module !== undefined && files.has(frame.function))?.module;
}

function seen(source: string, text: string): SeenText {
  return { source, text, evidence: readEvidence(text) };
}

function toolName(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as {
    version: string;
  };
  return `tarbisect ${version}`;
}

/** SOURCE_DATE_EPOCH (reproducible-builds.org) makes the same report twice. */
function reportTime(env: NodeJS.ProcessEnv): Date {
  const seconds = env.SOURCE_DATE_EPOCH;
  if (seconds === undefined || seconds === "") return new Date();
  if (!/^\d{1,11}$/.test(seconds))
    throw usageFault(`SOURCE_DATE_EPOCH "${seconds}" is no count of seconds`, "unset it");
  return new Date(Number(seconds) * 1000);
}

/** As typed beside the history that they make; a catalog of the user's own by its path from there. */
function importCommands({ driver, path }: Catalog, named: string | undefined, cwd: string): string[] {
  const isOwn = named !== undefined && resolve(cwd, named) === path;
  return [`tarbisect import ${isOwn ? relative(dirname(cwd), path) : driver}`, `cd ${driver}`];
}

function commandsOf({
  request,
  ends,
  trials,
}: {
  request: ReportRequest;
  ends: Ends;
  trials: readonly TrialRecord[];
}): string[] {
  if (ends.bisect === undefined) return [request.command];
  const stages = trials.at(-1)?.commands ?? [];
  const split = /^split\/(.+)-to-(.+)$/.exec(ends.new);
  return [
    ...(split === null ? [] : [`tarbisect split ${split[1]!} ${split[2]!}`]),
    `git bisect start ${ends.new} ${ends.old}`,
    "git bisect run tarbisect step",
    ...stages.map(({ stage, run }) => `# ${stage}: ${run.replace(/\s*\n\s*/g, " ; ").trim()}`),
    request.command,
  ];
}
