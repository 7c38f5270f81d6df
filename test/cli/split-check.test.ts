import { rmSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { runSplitCheck } from "../../src/cli/run-split-check.js";
import { Fault } from "../../src/fault/fault.js";
import { splitRepository } from "../../src/split/split-repository.js";
import { repositoryOf } from "../split/small-repository.js";

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

test("what stops a step stops the check for the same reason", { timeout: 180_000 }, async () => {
  const file = (value: number): { "a.c": string } => ({ "a.c": `int f(void)\n{\n\treturn ${value};\n}\n` });
  const repository = repositoryOf({ v1: file(1), v2: file(2) });
  folders.push(repository);
  const { commits } = await splitRepository({ repository, old: "v1", new: "v2", branch: "split/v1-to-v2" });
  const call = { env: process.env, cwd: repository, signal: new AbortController().signal };
  const stopped = (run: string): Promise<unknown> =>
    runSplitCheck(
      commits.at(-1)!.commit,
      { times: "1", output: "revert.patch", run },
      { ...call, out: () => undefined, note: () => undefined },
    ).catch((fault: unknown) => (fault instanceof Fault ? [fault.blame, fault.hint] : fault));
  expect(await stopped("exit 252")).toEqual(["paused", "tarbisect resume, then the same command"]);
  expect(await stopped("exit 253")).toEqual(["target-lost", undefined]);
  expect(await stopped("exit 130")).toEqual(["interrupted", undefined]);
  expect(await stopped("exit 255")).toEqual(["harness", undefined]);
  expect(await stopped("kill -9 $$")).toEqual(["harness", undefined]);
});
