// What a compiler's error asks of the kernel's headers: which name is gone, has changed, or is there twice.

export type BuildQuestion =
  /** The headers don't declare it (any more): a function, a macro, a type, a value of an enum. */
  | { kind: "missing"; name: string }
  /** A struct has no such member. */
  | { kind: "member"; owner: string; name: string }
  /** It is called with other arguments than it takes. */
  | { kind: "signature"; name: string }
  /** The driver brings its own, and the headers have one too. */
  | { kind: "clash"; name: string }
  /** A member is written that must not be; or a function of another type is given for it. */
  | { kind: "member-type"; name: string }
  /** There is no such header. */
  | { kind: "header"; name: string };

type Rule = readonly [RegExp, (found: RegExpExecArray) => BuildQuestion];

// Wordings of gcc 12 and clang 14 with LC_ALL=C; the older quotes too.
const rules: readonly Rule[] = [
  [/implicit declaration of function ['‘](\w+)/, ([, name]) => ({ kind: "missing", name: name! })],
  [/undeclared function ['‘](\w+)/, ([, name]) => ({ kind: "missing", name: name! })],
  [/['‘](\w+)['’] undeclared/, ([, name]) => ({ kind: "missing", name: name! })],
  [/undeclared identifier ['‘](\w+)/, ([, name]) => ({ kind: "missing", name: name! })],
  [/unknown type name ['‘](\w+)/, ([, name]) => ({ kind: "missing", name: name! })],
  [
    /has no member named ['‘](\w+)/,
    (found) => {
      const owner = /['‘](?:const )?(?:struct|union) (\w+)/.exec(found.input)?.[1];
      const name = found[1]!;
      return owner === undefined ? { kind: "missing", name } : { kind: "member", owner, name };
    },
  ],
  [/too (?:few|many) arguments to function ['‘](\w+)/, ([, name]) => ({ kind: "signature", name: name! })],
  [/macro ['"‘](\w+)['"’] (?:passed|requires)/, ([, name]) => ({ kind: "signature", name: name! })],
  [/passing argument \d+ of ['‘](\w+)['’] /, ([, name]) => ({ kind: "signature", name: name! })],
  [
    /(?:redefinition of|conflicting types for|static declaration of|redeclaration of) ['‘](?:(?:struct|union|enum) )?(\w+)/,
    ([, name]) => ({ kind: "clash", name: name! }),
  ],
  [/['"‘](\w+)['"’] redefined/, ([, name]) => ({ kind: "clash", name: name! })],
  [
    /(?:undefined|incomplete)[^'‘]* type ['‘](?:const )?(?:(?:struct|union|enum) )?(\w+)/,
    ([, name]) => ({ kind: "missing", name: name! }),
  ],
  [
    /assignment of (?:member|read-only location) ['‘].*?(\w+)(?:\[\w+\])?['’]/,
    ([, name]) => ({ kind: "member-type", name: name! }),
  ],
  [/([\w./-]+\.h): No such file or directory/, ([, name]) => ({ kind: "header", name: name! })],
  [/['‘"](\w+)['’"] (?:\[\S+\] )?undefined!/, ([, name]) => ({ kind: "missing", name: name! })],
  [/undefined reference to ['‘`](\w+)/, ([, name]) => ({ kind: "missing", name: name! })],
];

/** A member that is given a value on a line: ".ndo_bpf = igb_xdp," and "netdev->dev_addr = ...". */
const given = /(?:^\s*|[{,]\s*)\.(\w+)\s*=|(?:->|\.)(\w+)(?:\[\w+\])?\s*=(?!=)/;

/** Undefined when the message is about something that no header decides. `sourceLine` is the text that it points at. */
export function buildQuestion(message: string, sourceLine: string | undefined): BuildQuestion | undefined {
  for (const [rule, ask] of rules) {
    const found = rule.exec(message);
    if (found !== null) return ask(found);
  }
  if (!/from incompatible pointer type|incompatible (?:function )?pointer types/.test(message))
    return undefined;
  const member = given.exec(sourceLine ?? "");
  const name = member?.[1] ?? member?.[2];
  return name === undefined ? undefined : { kind: "member-type", name };
}
