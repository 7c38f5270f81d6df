// Every command of tarbisect, in the order of --help. A command's file declares its arguments and loads the rooms
// that it needs only when it is called, so that --help and `step` start fast.
import type { Command } from "commander";
import type { Call } from "../call.js";
import { addBack } from "./back.js";
import { addBisect } from "./bisect.js";
import { addCache } from "./cache.js";
import { addDecode } from "./decode.js";
import { addCompletion } from "./completion.js";
import { addDiff } from "./diff.js";
import { addFunctions } from "./functions.js";
import { addLog } from "./log.js";
import { addShow } from "./show.js";
import { addDoctor } from "./doctor.js";
import { addEvidence } from "./evidence.js";
import { addImport } from "./import.js";
import { addInit } from "./init.js";
import { addJudge } from "./judge.js";
import { addLab } from "./lab.js";
import { addMatrix } from "./matrix.js";
import { addPause, addResume } from "./pause.js";
import { addPower } from "./power.js";
import { addReleases } from "./releases.js";
import { addReport } from "./report.js";
import { addSplit } from "./split.js";
import { addStep } from "./step.js";
import { addSuspects } from "./suspects.js";
import { addTmuxp } from "./tmuxp.js";
import { addWatch } from "./watch.js";

export type AddCommand = (program: Command, call: Call, finish: (code: number) => void) => void;

export const commands: readonly AddCommand[] = [
  addReleases,
  addImport,
  addStep,
  addJudge,
  addBisect,
  addBack,
  addPause,
  addResume,
  addWatch,
  addTmuxp,
  addSplit,
  addMatrix,
  addDiff,
  addLog,
  addShow,
  addFunctions,
  addEvidence,
  addDecode,
  addSuspects,
  addReport,
  addInit,
  addDoctor,
  addPower,
  addCache,
  addLab,
  addCompletion,
];
