// A lab of the table's own for one kernel: a lab that the user has up is neither taken down nor tested on.
import { findLab, labFolder, removeLab } from "../target/lab/lab-state.js";
import type { LabSettings } from "../target/lab/lab-plan.js";
import { startLab, type LabOptions } from "../target/lab/start-lab.js";

/** What stands behind `lab: NAME/GUEST` of the hosts. */
export interface WantedLab {
  name: string;
  /** The guests that hosts name. */
  guests: readonly string[];
}

/** The name under which the table boots the lab NAME. */
export function matrixLabName(name: string): string {
  return `${name.slice(0, 24)}-matrix`;
}

/** Boots the lab with `kernel`, uses it and takes it down however `use` ends. It has the shape of the user's, if that is up. */
export async function withLab<T>(
  wanted: WantedLab,
  kernel: string,
  options: LabOptions,
  use: () => Promise<T>,
): Promise<T> {
  const name = matrixLabName(wanted.name);
  const folder = labFolder(options.cacheFolder, name);
  await removeLab(folder); // of a run that was killed
  await startLab({ ...(await shapeOf(wanted, options.cacheFolder)), name, kernel }, options);
  try {
    return await use();
  } finally {
    await removeLab(folder);
  }
}

async function shapeOf(
  { name, guests }: WantedLab,
  cacheFolder: string,
): Promise<Omit<LabSettings, "name" | "kernel">> {
  const found = await findLab(labFolder(cacheFolder, name));
  if (found.kind === "up") {
    const { nic, memoryMb, panicSeconds, guests: its } = found.lab;
    return { nic, memoryMb, panicSeconds, guests: its.length };
  }
  const peers = guests.map((guest) => Number(/^peer(\d)$/.exec(guest)?.[1] ?? 0));
  return { nic: "e1000", memoryMb: 512, panicSeconds: 2, guests: Math.max(1, ...peers) + 1 };
}
