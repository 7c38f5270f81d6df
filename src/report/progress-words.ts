// Where a bisect stands, in words that the terminal and the page share.
import { durationText } from "./duration-text.js";
import type { Progress } from "./progress-shape.js";

/** "bisect from v1.0.2 to v1.3.14: 3 commits left, about 2 steps, about 4 min". */
export function bisectWords({ bisect, leftMs, current }: Progress): string {
  if (bisect === undefined)
    return current === undefined ? "nothing was tested here yet" : "no bisect runs here";
  const { good, bad, candidates, stepsLeft, skipped, firstBad } = bisect;
  if (firstBad !== undefined) return `the first bad commit is ${firstBad.label}: ${firstBad.subject}`;
  const ends = `bisect from ${good.at(-1) ?? "no good commit yet"} (good) to ${bad.at(-1) ?? "no bad commit yet"} (bad)`;
  if (good.length === 0 || bad.length === 0) return ends;
  return [
    `${ends}: ${counted(candidates, "commit")} may be the first bad one`,
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    `about ${counted(stepsLeft, "step")} left`,
    leftMs === undefined ? "how long is not known yet" : `about ${durationText(leftMs)}`,
  ].join(", ");
}

/** "1.3.10 (da1ad27997) on server: stress for 40 s, about 2 min left". */
export function currentWords({ current }: Progress): string {
  if (current === undefined) return "";
  const { version, commit, subject, place, state, stage, stageMs, leftMs, planned, elapsedMs } = current;
  const head = `${version} (${commit.slice(0, 10)}${subject === undefined ? "" : `, ${subject}`})${place === undefined ? "" : ` on ${place}`}`;
  if (state === "ended") return `${head}: ended after ${durationText(elapsedMs)}; no step runs`;
  if (state === "cut") return `${head}: its step is gone and left no verdict; the same command goes on`;
  return [
    `${head}: ${stage ?? "prepare"} for ${durationText(stageMs ?? elapsedMs)}`,
    ...(stage === "stress" && planned !== undefined ? [`planned: ${planned}`] : []),
    leftMs === undefined ? "how long it takes is not known yet" : `about ${durationText(leftMs)} left`,
  ].join(", ");
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
