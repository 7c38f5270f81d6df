import { setTimeout as sleep } from "node:timers/promises";
import { usageFault } from "../../fault/fault.js";
import type { Progress } from "../../report/progress-shape.js";
import type { Call } from "../call.js";
import type { AddCommand } from "./index.js";

interface WatchOptions {
  http?: string | true;
  evidence?: string;
  once?: true;
  json?: true;
}

const defaultPort = 4477;
const lookEveryMs = 1000;

export const addWatch: AddCommand = (program, call, finish) => {
  program
    .command("watch")
    .description("follow the bisect that runs here: release, stage, time left, memory, verdicts; only reads")
    .option(
      "--http [port]",
      `also as a page on 127.0.0.1, port ${defaultPort} or this one; 0: any that is free`,
    )
    .option(
      "--evidence <folder>",
      "where the trials are; left out: as the settings say, else .tarbisect/evidence",
    )
    .option("--once", "print where it stands and end")
    .option("--json", "the same as JSON")
    .action(async (options: WatchOptions) => {
      const [{ TrialFollower }, { evidenceOfRepository }] = await Promise.all([
        import("../follow-trials.js"),
        import("../evidence-place.js"),
      ]);
      const evidence = await evidenceOfRepository(options.evidence, call);
      const follower = new TrialFollower({ cwd: call.cwd, evidence }, () => new Date());
      if (options.once === true || options.json === true) {
        call.out(await onceText(await follower.look(), options));
        return finish(0);
      }
      await follow(() => follower.look(), options, call);
      finish(0);
    });
};

async function onceText(progress: Progress, { json }: WatchOptions): Promise<string> {
  if (json === true) return `${JSON.stringify(progress, null, 2)}\n`;
  const { renderProgress } = await import("../../report/render-progress.js");
  return renderProgress(progress, process.stdout.columns);
}

/** Until Ctrl-C. */
async function follow(look: () => Promise<Progress>, { http }: WatchOptions, call: Call): Promise<void> {
  const [{ progressScreen }, { serveProgress }, { renderProgressPage }, { pageAssets }] = await Promise.all([
    import("../progress-screen.js"),
    import("../serve-progress.js"),
    import("../../report/progress-html.js"),
    import("../page-assets.js"),
  ]);
  let progress = await look();
  const assets = http === undefined ? undefined : pageAssets("watch");
  const server =
    assets === undefined
      ? undefined
      : await serveProgress(portOf(http), () => renderProgressPage(progress, assets));
  try {
    if (server !== undefined) call.out(`${server.url}\n`);
    const show = progressScreen(call.out, process.stdout);
    while (!call.signal.aborted) {
      show(progress);
      server?.send(JSON.stringify(progress));
      await sleep(lookEveryMs, undefined, { signal: call.signal }).catch(() => undefined);
      progress = await look();
    }
  } finally {
    server?.close();
  }
}

function portOf(http: WatchOptions["http"]): number {
  if (typeof http !== "string") return defaultPort;
  if (/^\d{1,5}$/.test(http) && Number(http) < 65_536) return Number(http);
  throw usageFault(`--http ${http} is no port`, `0 to 65535; left out: ${defaultPort}`);
}
