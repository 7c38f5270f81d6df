// Whether a target's power switch, console and BMC answer, as far as one can ask without switching anything.
import { Fault, messageOf } from "../fault/fault.js";
import type { NeedCheck } from "../host/needs.js";
import type { ConsoleSource } from "../target/console/console-source.js";
import { ConsoleRecording } from "../target/console/recording.js";
import type { Target } from "../target/target.js";

const consoleLimitMs = 20_000;

/** Each asked once; the console is opened for a moment. */
export async function checkMachine({ power, console, bmc }: Target): Promise<NeedCheck[]> {
  const wishes = [
    { name: "power", for: "brings it back after a hang", ask: power && (() => power.status()) },
    { name: "console", for: "keeps a panic's text", ask: console && (() => openBriefly(console)) },
  ];
  const answers = wishes.map(({ name, for: purpose, ask }) =>
    ask === undefined
      ? ({
          name,
          state: "missing-optional",
          detail: purpose,
          hint: `set hosts.NAME.${name} in tarbisect.yaml`,
        } as const)
      : asked(name, ask),
  );
  const told = bmc && asked("BMC", async () => Object.values(await bmc.identify()).join(", firmware "));
  return Promise.all([...answers, ...(told ? [told] : [])]);
}

async function asked(name: string, ask: () => Promise<string>): Promise<NeedCheck> {
  try {
    return { name, state: "ok", detail: await ask(), hint: undefined };
  } catch (error) {
    const hint = error instanceof Fault ? error.hint : undefined;
    return { name, state: "missing", detail: messageOf(error), hint };
  }
}

async function openBriefly(source: ConsoleSource): Promise<string> {
  const recording = new ConsoleRecording(source, { line: () => undefined, gap: () => undefined });
  const refusal = await recording.open(consoleLimitMs);
  await recording.stop();
  if (refusal === undefined) return source.name;
  throw new Error(`${source.name}: ${refusal.detail}`);
}
