// The one description of tarbisect.yaml: the check, the types and the published JSON schema come from it.
import { z } from "zod";
import { configureShape } from "../step/configure-settings.js";
import { judgeShape } from "../step/judge-settings.js";
import { guardShape } from "../step/guard-settings.js";
import { buildShape, loadShape, recoverShape } from "../step/module-settings.js";
import { stressShape } from "../step/stress-settings.js";
import { watchShape } from "../step/watch-settings.js";
import { hostShape } from "../target/host-description.js";
import { formProblems } from "./settings-forms.js";

const line = z.string().regex(/\S/, "must not be empty");
export const settingsShape = z
  .strictObject({
    driver: line
      .optional()
      .describe(
        "whose catalog says how a release is built and its fixups: a driver's name or a catalog's path",
      ),
    hosts: z
      .record(z.string().regex(/^[A-Za-z0-9][\w.-]*$/, "is no name for a host"), hostShape)
      .default({})
      .describe("the machines, each by a name of your own"),
    target: z.string().optional().describe("which of hosts the module is loaded on"),
    twins: z
      .array(line)
      .min(1)
      .max(7)
      .optional()
      .describe(
        "further machines identical to target, by their names in hosts (without target: to ssh, as ssh takes them): " +
          "tarbisect bisect tests on all at once",
      ),
    peers: z.array(z.string()).default([]).describe("which of hosts exchange traffic with the target"),
    ssh: line
      .regex(/^[^-\s]\S*$/, "must be a host as ssh takes it, such as root@server")
      .optional()
      .describe("without target: where the commands run; left out: this machine"),
    kernel: line
      .regex(/^[\w.+~/-]+$/, "must be a kernel release as uname -r prints it, or a folder")
      .optional()
      .describe("the kernel to build for, as uname -r prints it; left out: the one that runs there"),
    evidence: line
      .optional()
      .describe("where trials are kept; left out: .tarbisect/evidence beside the repository's .git"),
    build: buildShape,
    load: loadShape.optional(),
    configure: configureShape,
    stress: stressShape,
    watch: watchShape,
    judge: judgeShape,
    recover: recoverShape,
    guard: guardShape.optional(),
    amplify: z
      .boolean()
      .default(false)
      .describe("small rings and one queue, so that a bug that counts packets shows sooner"),
  })
  .superRefine(
    (value, context) => {
      for (const { path, message } of formProblems(value))
        context.addIssue({ code: "custom", path, message });
    },
    { when: () => true },
  );

export type Settings = z.output<typeof settingsShape>;

/** The JSON schema of tarbisect.yaml, published as schema/tarbisect.schema.json so that editors complete and check it. */
export function settingsJsonSchema(): object {
  return { ...z.toJSONSchema(settingsShape, { io: "input", target: "draft-7" }), title: "tarbisect.yaml" };
}
