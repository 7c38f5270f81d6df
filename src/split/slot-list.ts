// Slots by number in a commit's message, so that the branch alone says how it was cut: "Tarbisect-Slots: 3 7-9".

/** Ascending numbers as text, neighbours as a range. */
export function renderSlots(slots: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const slot of [...slots].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.[1] === slot - 1) last[1] = slot;
    else ranges.push([slot, slot]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(" ");
}

/** The numbers of such a text; undefined when it is none. */
export function parseSlots(text: string): number[] | undefined {
  const slots: number[] = [];
  for (const range of text.trim().split(/\s+/)) {
    const [, from, to] = /^(\d{1,8})(?:-(\d{1,8}))?$/.exec(range) ?? [];
    if (from === undefined || Number(to ?? from) - Number(from) > 1_000_000) return undefined;
    for (let slot = Number(from); slot <= Number(to ?? from); slot++) slots.push(slot);
  }
  return slots;
}
