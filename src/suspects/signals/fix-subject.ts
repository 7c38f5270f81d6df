// The fix speaks of what the symptom is about: a lock for a deadlock, a reference for a use after free.
import { reason, type Signal } from "./signal.js";

export const fixSubject: Signal = ({ refix }, { subject }) =>
  refix !== undefined && subject?.words.test(refix.text)
    ? reason("fix words", 0.5, `the fix's lines are about ${subject.about}`)
    : undefined;
