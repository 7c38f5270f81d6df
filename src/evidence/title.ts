import type { KernelEvent } from "./kernel-event.js";
import type { SymptomClass, SymptomRule } from "./symptom-rule.js";

/** The class that the event's own first lines decide: KASAN's kind of access, KFENCE's direction. */
export function nameClass(
  rule: SymptomRule,
  groups: readonly string[],
  body: readonly string[],
): SymptomClass {
  const what = groups[1] ?? "";
  switch (rule.kind) {
    case "kasan": {
      const write = accessOf(body) === "Write";
      if (/use.after.free/.test(what))
        return write ? "kasan-use-after-free-write" : "kasan-use-after-free-read";
      if (/null.p/.test(what))
        return write ? "kasan-null-pointer-dereference-write" : "kasan-null-pointer-dereference-read";
      return write ? "kasan-write" : "kasan-read";
    }
    case "kmsan":
      return what === "uninit-value"
        ? "kmsan-uninit-value"
        : what.includes("leak")
          ? "kmsan-info-leak"
          : rule.class;
    case "kcsan":
      return what.startsWith("data-race")
        ? "kcsan-datarace"
        : what.startsWith("assert")
          ? "kcsan-assert"
          : rule.class;
    case "kfence": {
      const write = groups[2] === "write";
      if (what === "use-after-free")
        return write ? "kfence-use-after-free-write" : "kfence-use-after-free-read";
      if (what === "invalid free") return "kfence-invalid-free";
      if (what === "memory corruption") return "kfence-memory-corruption";
      return write ? "kfence-write" : "kfence-read";
    }
    default:
      return rule.class;
  }
}

function accessOf(body: readonly string[]): "Read" | "Write" | undefined {
  for (const text of body) {
    const match = /\b(Read|Write) (?:of size|at addr)/.exec(text);
    if (match !== null) return match[1] as "Read" | "Write";
  }
  return undefined;
}

/** As syzbot would title it; a function that can't be told is left out. */
export function titleOf(
  event: KernelEvent,
  rule: SymptomRule,
  seen: { groups: readonly string[]; body: readonly string[] },
): string {
  let title = rule.title
    .replace("{driver}", () => event.driver ?? "")
    .replace("{rw}", () => accessOf(seen.body) ?? "")
    .replace(/\{(\d)\}/g, (_all, digit: string) => withoutNumbers(seen.groups[Number(digit)] ?? ""));
  title =
    event.blamed === undefined
      ? title.replace(/ (?:in|of) \{f\}|: \{f\}/, "")
      : title.replace("{f}", () => event.blamed ?? "");
  return title.replace(/\s+/g, " ").trim();
}

/** What differs each time a message is printed: offsets, addresses, exit codes, device numbers. */
function withoutNumbers(said: string): string {
  return said
    .replace(/\+0x[0-9a-f]+(?:\/0x[0-9a-f]+)?/g, "")
    .replace(/ exitcode=0x[0-9a-f]+.*/, "")
    .replace(/\b0x[0-9a-f]+\b|\b[0-9a-f]{8,}\b/g, "ADDR")
    .replace(/(?<![\w.])\d+\b/g, "NUM");
}
