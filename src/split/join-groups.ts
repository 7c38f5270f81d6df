/** Members as disjoint sets: groups that share a member are one set, who is in no group is alone (union-find). */
export function joinGroups<T>(members: readonly T[], groups: readonly (readonly T[])[]): T[][] {
  const place = new Map(members.map((member, at) => [member, at]));
  const parent = members.map((_, at) => at);
  const rootOf = (at: number): number => {
    let root = at;
    while (parent[root] !== root) root = parent[root] = parent[parent[root]!]!;
    return root;
  };
  for (const group of groups)
    for (const member of group.slice(1)) {
      const [a, b] = [rootOf(place.get(group[0]!)!), rootOf(place.get(member)!)];
      parent[Math.max(a, b)] = Math.min(a, b);
    }
  const sets = new Map<number, T[]>();
  for (const [at, member] of members.entries()) {
    const root = rootOf(at);
    sets.set(root, [...(sets.get(root) ?? []), member]);
  }
  return [...sets.values()];
}
