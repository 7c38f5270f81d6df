// Before anything is tested: the machines answer, the expected kernel is booted, and the environment is the one in
// which the first step of this bisect ran.
import { harnessFault, usageFault } from "../fault/fault.js";
import { readEnvironment, type Card, type Environment, type EnvironmentReading } from "./environment.js";
import { expectSameEnvironment, type ComparedWith } from "./environment-record.js";
import { chooseInterfaces } from "./find-interfaces.js";
import type { RemoteResult } from "../target/target.js";
import type { TrialHost, TrialHosts } from "./trial-hosts.js";

export interface PreparedTarget {
  /** Of the boot in which the trial begins. */
  bootId: string;
  environment: Environment;
  /** The interfaces under test as they are before the module is loaded, in the order of the settings. */
  cards: Card[];
  /** Our own way to it leads over a card with the driver under test. */
  wayUnderTest: boolean;
}

export interface Preparation extends ComparedWith {
  /** The module under test. */
  module: string;
  /** A guard will stand on the target that puts the kernel's own driver back: our way may lead over the cards. */
  guarded: boolean;
  /** Gives the cards the kernel's own driver, when a step that was killed left them without one. */
  restore: () => Promise<void>;
}

/** Faults: a target that does not answer (target-lost), a wrong kernel, another environment. */
export async function prepareTarget(
  { target }: TrialHosts,
  at: Preparation,
  answer?: RemoteResult,
): Promise<PreparedTarget> {
  const { bootId, environment } = await readWithCards(target, at, answer);
  expectKernel(target, environment.kernel);
  const cards = expectCards(target, environment, at.module);
  const way = environment.cards.find(
    (each) => environment.way.includes(each.name) && cards.some((card) => shares(each, card)),
  );
  if (way !== undefined && !at.guarded)
    throw usageFault(
      `ssh reaches ${target.name} through ${way.name}, which has the driver under test (${way.driver ?? "none"})`,
      "unloading it cuts the connection: reach the host by another card, or set guard: { then: in-tree }",
    );
  await expectSameEnvironment({ ...environment, cards }, at);
  return { bootId, environment, cards, wayUnderTest: way !== undefined };
}

async function readWithCards(
  target: TrialHost,
  at: Preparation,
  answer: RemoteResult | undefined,
): Promise<EnvironmentReading> {
  const reading = await readEnvironment(target, answer);
  const chosen = chooseInterfaces(reading.environment.cards, target.interfaces, at.module);
  if (chosen.every((card) => card !== undefined)) return reading;
  await at.restore();
  return readEnvironment(target);
}

/** Harness fault: a peer that does not answer, or runs another kernel than the settings say. */
export async function expectPeer(peer: TrialHost): Promise<void> {
  const result = await peer.target.run("uname -r", { timeoutMs: 15_000 });
  if (result.end.kind !== "exited" || result.end.code !== 0)
    throw harnessFault(`the peer ${peer.name} does not answer`, { hint: "tarbisect doctor --target" });
  expectKernel(peer, result.stdout.toString().trim());
}

function expectKernel({ name, kernel }: TrialHost, booted: string): void {
  if (kernel !== undefined && kernel !== booted)
    throw harnessFault(`${name} runs kernel ${booted}, not ${kernel} as its settings say`, {
      hint: `boot ${kernel} there, or change kernel of ${name} in hosts`,
    });
}

/** The cards under test are there. */
function expectCards(target: TrialHost, environment: Environment, module: string): Card[] {
  const chosen = chooseInterfaces(environment.cards, target.interfaces, module);
  return chosen.map((card, index) => {
    const wanted = JSON.stringify(target.interfaces[index]);
    if (card === undefined)
      throw harnessFault(`${target.name} has no interface ${wanted}`, {
        hint: `it has ${environment.cards.map(({ name, mac, driver }) => `${name} (${mac}, ${driver ?? "no driver"})`).join(", ")}`,
      });
    return card;
  });
}

function shares(way: Card, card: Card): boolean {
  return way.name === card.name || (way.driver !== undefined && way.driver === card.driver);
}
