import type { LoadedModule } from "./kernel-event.js";

/** `Modules linked in: a b(OE) c [last unloaded: d]`, also one of its continuation lines. */
export function parseModules(text: string): LoadedModule[] {
  const list = text.replace(/^Modules linked in:/, "").replace(/\[last unloaded:.*/, "");
  return list
    .split(/\s+/)
    .map((word) => /^([\w-]+)(?:\(([A-Z+-]+)\))?$/.exec(word))
    .flatMap((m) => (m === null ? [] : [{ name: m[1] ?? "", flags: m[2] ?? "" }]));
}

/**
 * printk wraps a long list between two names, the rest begins with a blank; what was wrapped once more on its way here
 * does not, so then a name must look like a module's.
 */
export function isModuleContinuation(text: string): boolean {
  const only =
    /^\s*(?:[\w-]+(?:\([A-Z+-]+\))?\s+)*[\w-]+(?:\([A-Z+-]+\))?(?:\s+\[last unloaded:.*)?\s*$|^\s*\[last unloaded:/;
  return only.test(text) && (/^\s/.test(text) || /\([A-Z+-]+\)|\[last unloaded|\w_\w+ .*\w_\w/.test(text));
}
