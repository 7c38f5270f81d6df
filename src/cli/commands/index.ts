// Every command of tarbisect by its name, in the order of --help. Only the command that is called is loaded, and its file
// loads the rooms that it needs only when it runs, so that each starts fast.
import type { Command } from "commander";
import type { Call } from "../call.js";

/** Declares a command's arguments; `finish` takes the exit code that it chose. */
export type AddCommand = (program: Command, call: Call, finish: (code: number) => void) => void;

export const commands: Readonly<Record<string, () => Promise<AddCommand>>> = {
  releases: async () => (await import("./releases.js")).addReleases,
  import: async () => (await import("./import.js")).addImport,
  step: async () => (await import("./step.js")).addStep,
  judge: async () => (await import("./judge.js")).addJudge,
  bisect: async () => (await import("./bisect.js")).addBisect,
  back: async () => (await import("./back.js")).addBack,
  pause: async () => (await import("./pause.js")).addPause,
  resume: async () => (await import("./pause.js")).addResume,
  watch: async () => (await import("./watch.js")).addWatch,
  tmuxp: async () => (await import("./tmuxp.js")).addTmuxp,
  split: async () => (await import("./split.js")).addSplit,
  matrix: async () => (await import("./matrix.js")).addMatrix,
  diff: async () => (await import("./diff.js")).addDiff,
  log: async () => (await import("./log.js")).addLog,
  show: async () => (await import("./show.js")).addShow,
  functions: async () => (await import("./functions.js")).addFunctions,
  evidence: async () => (await import("./evidence.js")).addEvidence,
  decode: async () => (await import("./decode.js")).addDecode,
  suspects: async () => (await import("./suspects.js")).addSuspects,
  report: async () => (await import("./report.js")).addReport,
  init: async () => (await import("./init.js")).addInit,
  doctor: async () => (await import("./doctor.js")).addDoctor,
  power: async () => (await import("./power.js")).addPower,
  cache: async () => (await import("./cache.js")).addCache,
  lab: async () => (await import("./lab.js")).addLab,
  completion: async () => (await import("./completion.js")).addCompletion,
};
