// The fix speaks of what the symptom is about: a lock for a deadlock, a reference for a use after free.
import { reason, type Signal } from "./signal.js";

/** The broad words stand in half of all fixes. */
const broadly = 0.5;
const narrowly = 1;

export const fixSubject: Signal = ({ refix }, { subject }) =>
  refix !== undefined && subject?.words.test(refix.text)
    ? reason("fix words", subject.narrow ? narrowly : broadly, `the fix's lines are about ${subject.about}`)
    : undefined;
