import { editOfExisting } from "./edit.js";
import { elsewhere } from "./elsewhere.js";
import { fixForward } from "./fix-forward.js";
import { fixNames } from "./fix-names.js";
import { fixSubject } from "./fix-subject.js";
import { takenInPart } from "./half-taken.js";
import { leftOut } from "./left-out.js";
import { nearness } from "./nearness.js";
import { sharedWords } from "./shared-words.js";
import type { Signal } from "./signal.js";
import { size } from "./size.js";
import { aboutSymptom } from "./subject.js";
import { sweep } from "./sweep.js";
import { teardown } from "./teardown.js";

/** All signals, in the order in which their reasons are told. */
export const signals: readonly Signal[] = [
  nearness,
  fixForward,
  fixSubject,
  fixNames,
  takenInPart,
  leftOut,
  aboutSymptom,
  teardown,
  sharedWords,
  editOfExisting,
  size,
  sweep,
  elsewhere,
];
