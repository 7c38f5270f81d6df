// Which functions stand behind a struct member: an ops table's field, a function pointer, a work item, a timer.
import type { SourceFile } from "../source/source-file.js";

const assigned = /(?:\.|->)\s*(\w+)\s*=\s*&?\s*([A-Za-z_]\w*)\s*[,;}\n]/g;
/** INIT_WORK(&adapter->reset_task, fn), timer_setup(&ring->timer, fn, 0), tasklet_init(&q->task, fn, 0). */
const registered =
  /\b(?:INIT_(?:DELAYED_|DEFERRABLE_)?WORK|timer_setup|setup_timer|tasklet_(?:init|setup)|hrtimer_setup|init_irq_work|INIT_RCU_WORK)\s*\(\s*&?\s*(?:\w+\s*(?:->|\.)\s*)*(\w+)\s*,\s*(?:\([^)]*\)\s*)?&?(\w+)/g;
/** call_rcu(&x->rcu, fn), kref_put(&x->kref, fn): the function is a plain mention, found without this. */
const calledField = /(?:->|\.)\s*(\w+)\s*\)?\s*\(/g;
const started =
  /\b(?:queue|schedule|mod|add|flush|cancel|del|tasklet)_\w+\s*\([^;{}()]*?&\s*(?:\w+\s*(?:->|\.)\s*)*(\w+)\s*[,)]/g;
/** A field with more targets than this (`init`, `read`) says nothing about who is called. */
const maxTargets = 12;

export function fieldTargets(
  files: readonly SourceFile[],
  known: (name: string) => boolean,
): ReadonlyMap<string, ReadonlySet<string>> {
  const targets = new Map<string, Set<string>>();
  const add = (field: string, name: string): void => {
    if (!known(name)) return;
    const names = targets.get(field);
    if (names === undefined) targets.set(field, new Set([name]));
    else names.add(name);
  };
  for (const { text } of files) {
    for (const match of text.matchAll(assigned)) add(match[1] ?? "", match[2] ?? "");
    for (const match of text.matchAll(registered)) add(match[1] ?? "", match[2] ?? "");
  }
  for (const [field, names] of targets) if (names.size > maxTargets) targets.delete(field);
  return targets;
}

/** The fields through which this code calls, or whose work or timer it starts or stops. */
export function fieldsUsed(text: string): Set<string> {
  const fields = new Set<string>();
  for (const match of text.matchAll(calledField)) fields.add(match[1] ?? "");
  for (const match of text.matchAll(started)) fields.add(match[1] ?? "");
  return fields;
}
