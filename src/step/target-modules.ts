// Which modules are loaded on the target, who uses whom, and the order in which they can be taken out.

export interface LoadedModule {
  name: string;
  /** Modules that need it. */
  usedBy: string[];
}

/** /proc/modules: name, size, uses, users with commas, state, address. */
export function parseModules(text: string): LoadedModule[] {
  return text.split("\n").flatMap((line) => {
    const [name, , , users] = line.split(" ");
    if (name === undefined || name === "" || users === undefined) return [];
    return [{ name, usedBy: users.split(",").filter((user) => /^\w+$/.test(user)) }];
  });
}

/** The wanted modules that are loaded and all that needs them, users first. */
export function unloadOrder(loaded: readonly LoadedModule[], wanted: readonly string[]): string[] {
  const order: string[] = [];
  const visit = (name: string, above: readonly string[]): void => {
    const module = loaded.find((each) => each.name === name);
    if (module === undefined || order.includes(name) || above.includes(name)) return;
    for (const user of module.usedBy) visit(user, [...above, name]);
    order.push(name);
  };
  for (const name of wanted) visit(name, []);
  return order;
}
