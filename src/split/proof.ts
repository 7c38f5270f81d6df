// What a commit may say of its build, with trailers that the step reads.
import type { Proof } from "./describe-commit.js";
import type { Cutting } from "./plan-split.js";
import type { BuildPlan, VerifiedSplit } from "./verify/verify-repository.js";

/** "against kernel 5.10.0-46-amd64" or "with make -C src". */
export function againstWhat(build: BuildPlan): string {
  if (build.kind === "command") return `with "${build.command}"`;
  return `against kernel ${build.headers.release}`;
}

/** The last lines of a commit's message; `at` is its place in the plan. */
export function proofOf(
  { verified, build, cutting }: { verified: VerifiedSplit; build: BuildPlan; cutting: Cutting },
  at: number,
): Proof {
  const { codes, silent } = verified;
  const isSilent = at === 0 && cutting.silent.length > 0;
  // codes[0] is the old tree's, codes[1] that of the tree with all comments and documents.
  const place = at + (cutting.silent.length > 0 ? 1 : 2);
  const isSame = codes[place] !== undefined && codes[place] === codes[place - 1];
  const lines = [`Built ${againstWhat(build)}.`];
  if (isSilent && silent === "same-but-line-numbers")
    lines.push("Its object code is the parent's but for line numbers, as __LINE__ has them.");
  if (isSilent && silent === "differs")
    lines.push("Its object code is not the parent's, for a reason not known.");
  const isProven = isSame || (isSilent && silent === "same-but-line-numbers");
  return { says: lines, trailers: isProven ? ["Tarbisect-Code: same-as PARENT"] : [] };
}
