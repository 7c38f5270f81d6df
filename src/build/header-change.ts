// Why a source that builds on one kernel does not build on another, from what both kernels' headers declare, and the edit
// that follows from it where one does (pure).
import type { BuildQuestion } from "./build-question.js";
import type { HeaderDeclaration } from "./header-declarations.js";
import { parametersOf, sameParameters, shortened, wrappedName } from "./header-shapes.js";

/** What one kernel's headers say of the name in question. */
export interface HeaderView {
  /** uname -r, or a shorter name of it. */
  kernel: string;
  declarations: readonly HeaderDeclaration[];
  /** Functions and macros of the headers that declare the name in either kernel. */
  neighbours: readonly HeaderDeclaration[];
}

export interface HeaderChange {
  /** One sentence. */
  text: string;
  /** For sed -E, in every C file of the driver; undefined when only a person can tell what to do. */
  expression: string | undefined;
}

/**
 * `now` is the kernel that the source fails on, `before` another one; undefined when there is none. Undefined when the
 * headers say nothing of it.
 */
export function explainChange(
  question: BuildQuestion,
  before: HeaderView | undefined,
  now: HeaderView,
): HeaderChange | undefined {
  switch (question.kind) {
    case "missing":
      return explainMissing(question.name, before, now);
    case "member":
      return explainMember(question, before, now);
    case "signature":
      return explainSignature(question.name, before, now);
    case "clash":
      return explainClash(question.name, now);
    case "member-type":
      return explainMemberType(question.name, before, now);
    case "header":
      return undefined;
  }
}

/** A header that is not there: `others` are those of the same name elsewhere, as an #include names them. */
export function explainHeader(path: string, others: readonly string[], kernel: string): HeaderChange {
  const escaped = path.replace(/[.]/g, "\\.");
  const [other] = others;
  if (others.length !== 1 || other === undefined || other === path)
    return {
      text: `${kernel} has no header ${path}; what is used of it may be in one that the driver has as well`,
      expression: `\\|#include <${escaped}>|d`,
    };
  return {
    text: `${kernel} has ${other} in place of ${path}`,
    expression: `s|#include <${escaped}>|#include <${other}>|`,
  };
}

function explainMissing(
  name: string,
  before: HeaderView | undefined,
  now: HeaderView,
): HeaderChange | undefined {
  const is = now.declarations[0];
  if (is !== undefined) {
    const text = `${is.file} of ${now.kernel} has ${name}; the driver does not include it, or no longer through others`;
    return { text, expression: undefined };
  }
  const was = before?.declarations[0];
  if (before === undefined || was === undefined) return undefined;
  const place = was.name === name ? was.file : `${was.kind} ${was.name} (${was.file})`;
  const gone = `${place} has ${name} in ${before.kernel} and not in ${now.kernel}`;
  const wrapped = wrappedName(was);
  if (wrapped !== undefined)
    return { text: `${gone}; there it only stands for ${wrapped}`, expression: rename(name, wrapped) };
  const renamed = newNameOf(was, before, now);
  if (renamed !== undefined)
    return {
      text: `${gone}, which has ${renamed} with the same parameters`,
      expression: rename(name, renamed),
    };
  return { text: gone, expression: undefined };
}

/** The one function that is new in the same header, with the same parameters. */
function newNameOf(was: HeaderDeclaration, before: HeaderView, now: HeaderView): string | undefined {
  const known = new Set(before.neighbours.map(({ name }) => name));
  const candidates = now.neighbours.filter(
    (other) => other.file === was.file && !known.has(other.name) && sameParameters(was, other),
  );
  const named = candidates.filter(({ name }) => name.toLowerCase() === was.name.toLowerCase());
  const chosen = named.length > 0 ? named : parametersOf(was).length > 0 ? candidates : [];
  return chosen.length === 1 ? chosen[0]!.name : undefined;
}

function explainMember(
  { owner, name }: { owner: string; name: string },
  before: HeaderView | undefined,
  now: HeaderView,
): HeaderChange | undefined {
  const is = ownDeclaration(now, owner);
  const was = before && ownDeclaration(before, owner);
  const [has, had] = [membersOf(is), membersOf(was)];
  if (is === undefined) return undefined;
  if (before === undefined || was === undefined || !had.has(name))
    return { text: `struct ${owner} of ${now.kernel} (${is.file}) has no ${name}`, expression: undefined };
  const added = [...has.keys()].filter((member) => !had.has(member));
  const sameType = added.filter((member) => typeOfMember(has, member) === typeOfMember(had, name));
  const gone = `struct ${owner} (${is.file}) has ${name} in ${before.kernel} and not in ${now.kernel}`;
  if (sameType.length === 1)
    return {
      text: `${gone}, where ${sameType[0]} of the same type is new`,
      expression: `s/(->|\\.)${name}\\b/\\1${sameType[0]}/g`,
    };
  const news = added.length > 0 && added.length <= 6 ? `; new there: ${added.join(", ")}` : "";
  return { text: gone + news, expression: undefined };
}

function explainSignature(
  name: string,
  before: HeaderView | undefined,
  now: HeaderView,
): HeaderChange | undefined {
  const is = now.declarations.find((declaration) => declaration.name === name);
  const was = before?.declarations.find((declaration) => declaration.name === name);
  if (is === undefined) return undefined;
  if (before === undefined || was === undefined || was.head === is.head)
    return { text: `${now.kernel} declares ${shortened(is.head)} (${is.file})`, expression: undefined };
  const text = `${name} changed: ${before.kernel} has ${shortened(was.head)}, ${now.kernel} ${shortened(is.head)} (${is.file})`;
  const [had, has] = [parametersOf(was), parametersOf(is)];
  const lostLast = has.length === had.length - 1 && has.every((parameter, at) => parameter === had[at]);
  return { text, expression: lostLast ? withoutLastArgument(name) : undefined };
}

/** Calls on one line, and calls that end on a later one. */
function withoutLastArgument(name: string): string {
  const drop = "s/,[^,;]*\\);/);/";
  return `s/\\b(${name}\\(.*),[^,;]*\\);/\\1);/; /\\b${name}\\([^;]*$/,/;/${drop}`;
}

/** The driver's own goes on under another name, in every place that uses it. */
function explainClash(name: string, now: HeaderView): HeaderChange | undefined {
  const is = now.declarations.find((declaration) => declaration.name === name);
  if (is === undefined) return undefined;
  const text = `${now.kernel} has ${name} itself (${is.file}), and the driver brings its own`;
  const callable = is.kind === "function" || is.kind === "prototype" || is.kind === "macro";
  return { text, expression: callable ? rename(name, `tarbisect_own_${name}`) : undefined };
}

function explainMemberType(
  name: string,
  before: HeaderView | undefined,
  now: HeaderView,
): HeaderChange | undefined {
  for (const is of now.declarations) {
    const declared = membersOf(is).get(name);
    const was = before && ownDeclaration(before, is.name);
    const old = membersOf(was).get(name);
    if (before === undefined || declared === undefined || old === undefined || old === declared) continue;
    const text = `${is.kind} ${is.name} (${is.file}) has "${old}" in ${before.kernel} and "${declared}" in ${now.kernel}`;
    return { text, expression: undefined };
  }
  return undefined;
}

function ownDeclaration(view: HeaderView, name: string): HeaderDeclaration | undefined {
  return view.declarations.find(
    (declaration) => declaration.name === name && /^(?:struct|union)$/.test(declaration.kind),
  );
}

/** Members of a struct by name, each with its declaration in one line. */
function membersOf(declaration: HeaderDeclaration | undefined): Map<string, string> {
  const body = /\{([^]*)\}/.exec(declaration?.head ?? "")?.[1] ?? "";
  const members = new Map<string, string>();
  for (const part of body.split(/[;{}]/)) {
    const text = part.replace(/^\s*(?:#\s*\w+[^;]*?\s)?/, "").trim();
    const name =
      /\(\s*\*\s*(\w+)\s*\)/.exec(text)?.[1] ?? /(\w+)\s*(?:\[[^\]]*\]\s*|:\s*\d+\s*)*$/.exec(text)?.[1];
    if (name !== undefined) members.set(name, text);
  }
  return members;
}

function typeOfMember(members: Map<string, string>, name: string): string {
  return (members.get(name) ?? "").replace(new RegExp(`\\b${name}\\b`), "NAME");
}

function rename(from: string, to: string): string {
  return `s/\\b${from}\\b/${to}/g`;
}
