import type { NeedCheck } from "../../host/needs.js";
import type { Call } from "../call.js";
import type { AddCommand } from "./index.js";

interface DoctorOptions {
  kernel?: string;
  target?: true;
  config?: string;
  json?: true;
}

export const addDoctor: AddCommand = (program, call, finish) => {
  program
    .command("doctor")
    .description("say what is missing on this machine, or on those of tarbisect.yaml, and how to get it")
    .option(
      "--kernel <release>",
      "the kernel to build for, as uname -r prints it; left out: the one that runs",
    )
    .option("--target", "ask the hosts that tarbisect.yaml names instead of this machine")
    .option("--config <file>", "the settings; left out: tarbisect.yaml here or above")
    .option("--json", "print the checks as JSON")
    .addHelpText("after", "\nExit codes: 0 all that is needed is there, 128 something is missing.")
    .action(async (options: DoctorOptions) => {
      finish(options.target ? await askHosts(options, call) : await askHere(options, call));
    });
};

async function askHere(options: DoctorOptions, call: Call): Promise<number> {
  const [{ checkNeeds }, { cacheFolder }, { doctorText }] = await Promise.all([
    import("../../host/needs.js"),
    import("../../host/cache-folder.js"),
    import("../doctor-text.js"),
  ]);
  const checks = await checkNeeds(cacheFolder(call.env), options.kernel);
  call.out(options.json ? `${JSON.stringify(checks, undefined, 2)}\n` : doctorText(checks));
  return worst(checks);
}

async function askHosts(options: DoctorOptions, call: Call): Promise<number> {
  const [{ readSettings }, { checkHosts }, { doctorText }] = await Promise.all([
    import("../settings.js"),
    import("../check-hosts.js"),
    import("../doctor-text.js"),
  ]);
  const { settings } = readSettings({ cwd: call.cwd, env: call.env, flags: { config: options.config } });
  const hosts = await checkHosts(settings, call);
  const text = hosts.map(({ host, checks }) => `${host}:\n${doctorText(checks)}`).join("\n");
  call.out(options.json ? `${JSON.stringify(hosts, undefined, 2)}\n` : text);
  return worst(hosts.flatMap(({ checks }) => checks));
}

function worst(checks: readonly NeedCheck[]): number {
  return checks.some(({ state }) => state === "missing") ? 128 : 0;
}
