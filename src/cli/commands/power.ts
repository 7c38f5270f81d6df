import { usageFault } from "../../fault/fault.js";
import type { Call } from "../call.js";
import type { AddCommand } from "./index.js";

interface PowerOptions {
  config?: string;
  json?: boolean;
}

const actions = ["status", "on", "off", "cycle"] as const;

export const addPower: AddCommand = (program, call, finish) => {
  program
    .command("power")
    .description("switch a host's power as tarbisect.yaml says, and wait until it is done")
    .argument("<host>", "one of hosts")
    .argument("<action>", actions.join(", "))
    .option("--config <file>", "the settings; left out: tarbisect.yaml here or above")
    .option("--json", "the status as JSON")
    .action(async (host: string, action: string, options: PowerOptions) =>
      finish(await power({ host, action, options }, call)),
    );
};

async function power(
  { host, action, options }: { host: string; action: string; options: PowerOptions },
  call: Call,
): Promise<number> {
  const [{ readSettings }, { openHost }] = await Promise.all([
    import("../settings.js"),
    import("../open-host.js"),
  ]);
  const wanted = actions.find((each) => each === action);
  if (wanted === undefined) throw usageFault(`"${action}" is no power action`, actions.join(", "));
  const { settings } = readSettings({ cwd: call.cwd, env: call.env, flags: { ...options } });
  const target = await openHost(host, settings, call);
  if (target.power === undefined)
    throw usageFault(`hosts.${host} has no power`, "power: ipmi, redfish, or commands of your own");
  if (wanted !== "status") {
    call.note(`${host}: ${wanted} ...\n`);
    await target.power[wanted]();
  }
  const status = await target.power.status();
  call.out(options.json ? `${JSON.stringify({ host, status })}\n` : `${status}\n`);
  return 0;
}
