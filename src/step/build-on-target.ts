// The build on the target itself: the source goes there, the modules come back.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describeBuildError, parseBuildErrors } from "../build/build-errors.js";
import { findModules, makeCommand, type BuildHeaders } from "../build/build-module.js";
import { Fault, harnessFault } from "../fault/fault.js";
import { quote } from "../target/remote-command.js";
import type { BuildJob, BuildPlace, MadeModules } from "./build-for-target.js";
import { durationMs } from "./duration.js";
import type { BuildSettings } from "./module-settings.js";
import { stageVariables } from "./run-step.js";
import { runTargetStage } from "./target-stage.js";
import type { TrialHost, TrialIo } from "./trial-hosts.js";
import { judgeStage } from "./verdict.js";

const short = { timeoutMs: 60_000 };

/** The target's headers and compiler; harness fault when they are missing. */
export async function describeTargetBuild(
  host: TrialHost,
  running: string,
  { cc, run }: BuildSettings,
): Promise<BuildPlace> {
  const at = `/lib/modules/${running}`;
  const script = `echo "cc $(${quote(cc)} --version 2>&1 | head -n 1)"
echo "make $(command -v make)"
echo "build $(readlink -f ${at}/build)"
echo "source $(readlink -f ${at}/source || readlink -f ${at}/build)"
[ -e ${at}/build/include/generated/autoconf.h ] && echo "headers $(cat ${at}/build/Module.symvers ${at}/build/include/generated/autoconf.h | md5sum)"
true`;
  const said = await host.target.check(script, short);
  const word = (key: string): string => new RegExp(`^${key} (.*)$`, "m").exec(said)?.[1]?.trim() ?? "";
  if (run === undefined && (word("headers") === "" || word("make") === ""))
    throw harnessFault(
      `${host.name} can't build modules: ${word("make") === "" ? "make" : `the headers of ${running}`} missing`,
      {
        hint: `install make, gcc and the kernel's headers there, or build on: here`,
      },
    );
  const headers: BuildHeaders = {
    release: running,
    buildFolder: `${at}/build`,
    sourceFolder: word("source"),
  };
  return { headers, headersIdentity: word("headers"), compiler: word("cc") };
}

/** Sends the copy, runs the user's command or the catalog's recipe there, and fetches what it made. */
export async function buildOnTarget(job: BuildJob, io: TrialIo): Promise<MadeModules> {
  const { target } = job.host;
  const there = (await target.check('mktemp -d "${TMPDIR:-/var/tmp}/tarbisect-build.XXXXXX"', short)).trim();
  if (!/^\/[\w./-]+$/.test(there)) throw harnessFault(`${job.host.name} named no usable folder: ${there}`);
  try {
    await target.send({ folder: job.folder, names: await readdir(job.folder) }, there);
    const failed = await runBuild(job, there, io);
    if (failed !== undefined) return { kind: "failed", detail: failed };
    const list = await target.check(`find ${there} -name '*.ko' -type f`, short);
    const names = list
      .split("\n")
      .flatMap((path) => (path.startsWith(`${there}/`) ? [path.slice(there.length + 1)] : []));
    if (names.length === 0) return { kind: "failed", detail: "the build ended well but left no .ko" };
    const back = join(job.folder, "tarbisect-built");
    await target.fetch({ folder: there, names }, back);
    return { kind: "built", kos: await findModules(back, job.catalog.module) };
  } finally {
    await target.run(`rm -rf ${quote(there)}`, short);
  }
}

/** Undefined when it ended well, else the first error. */
async function runBuild(job: BuildJob, there: string, io: TrialIo): Promise<string | undefined> {
  const source = `${there}/${job.catalog.sourceFolder}`;
  const cflags = job.cflags.map((flag) => flag.replaceAll(job.folder, there));
  const { cc, jobs } = job.settings;
  const recipe = makeCommand({ catalog: job.catalog, headers: job.place.headers, cflags, jobs, cc }, source);
  const ended = await runTargetStage(
    job.host,
    {
      stage: "build",
      command: job.settings.run ?? `cd ${quote(source)} && ${recipe.map(quote).join(" ")}`,
      timeoutMs: durationMs(job.settings.timeout),
      folder: there,
      env: {
        ...stageVariables(job.under, job.place.headers.release, there),
        TARBISECT_CFLAGS: cflags.join(" "),
      },
    },
    io,
  );
  if (ended.kind !== "ended")
    throw new Fault(
      "target-lost",
      `${job.host.name} was lost while it built: ${ended.kind === "lost" ? ended.detail : ended.kind}`,
    );
  const verdict = judgeStage(ended.end);
  if (verdict === undefined || verdict.kind === "good") return undefined;
  const first = parseBuildErrors(ended.end.log, source)[0];
  return first === undefined ? verdict.detail : describeBuildError(first);
}
