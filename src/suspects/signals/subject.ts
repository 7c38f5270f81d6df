// The changed lines speak of what the symptom is about.
import { reason, type Signal } from "./signal.js";

/** The broad words stand in half of all changes. */
const broadly = Math.log2(1.3);
const narrowly = 1;

export const aboutSymptom: Signal = ({ added, removed }, { subject }) =>
  subject !== undefined && [...added, ...removed].some((line) => subject.words.test(line))
    ? reason("lexicon", subject.narrow ? narrowly : broadly, `its changed lines are about ${subject.about}`)
    : undefined;
