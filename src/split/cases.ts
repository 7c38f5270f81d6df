// Which statements can't run after one another: those of two cases of one switch, where the first one ends with a jump.

interface OpenSwitch {
  id: number;
  case: number;
  /** How deep its statements are, and whether the last of them jumped away. */
  depth: string;
  hasJumped: boolean;
}

/** Follows the pieces of one function in their order. */
export class Cases {
  readonly #open: OpenSwitch[] = [];
  #seen = 0;

  /** The cases that the next piece lies in: "3:1 7:0" is case 1 of switch 3 and case 0 of switch 7. */
  at(depth: string, code: string): string {
    while (this.#open.length > 0 && !isIn(depth, this.#open.at(-1)!.depth)) this.#open.pop();
    const top = this.#open.at(-1);
    if (top?.depth === depth) {
      if (top.hasJumped && /^(?:case\b|default\s*:)/.test(code)) top.case++;
      top.hasJumped = /^(?:break|return|goto|continue)\b/.test(code);
    }
    const cases = this.#open.map((each) => `${each.id}:${each.case}`).join(" ");
    // In a loop one case runs after another.
    const isOnce = depth === "" || depth.split("/").every((word) => /^(?:if|else|switch)$/.test(word));
    if (isOnce && /^switch\b.*\{$/.test(code)) {
      const inside = depth === "" ? "switch" : `${depth}/switch`;
      this.#open.push({ id: this.#seen++, case: 0, depth: inside, hasJumped: false });
    }
    return cases;
  }
}

function isIn(depth: string, around: string): boolean {
  return depth === around || depth.startsWith(`${around}/`);
}

/** Whether two pieces lie in different cases of one switch. */
export function areExclusive(one: string, other: string): boolean {
  const others = new Map(other.split(" ").map((each) => each.split(":") as [string, string]));
  return one.split(" ").some((each) => {
    const [id = "", number] = each.split(":");
    return id !== "" && others.has(id) && others.get(id) !== number;
  });
}
