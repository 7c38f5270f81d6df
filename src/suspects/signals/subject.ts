// The changed lines speak of what the symptom is about.
import { reason, type Signal } from "./signal.js";

export const aboutSymptom: Signal = ({ added, removed }, { subject }) =>
  subject !== undefined && [...added, ...removed].some((line) => subject.words.test(line))
    ? reason("lexicon", Math.log2(1.3), `its changed lines are about ${subject.about}`)
    : undefined;
