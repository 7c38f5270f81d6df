// Passwords and tokens lie in one file that only its owner can read, or in the environment; settings, evidence and
// messages hold their names.
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { homedir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import { isMap, isScalar, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { messageOf, usageFault } from "../fault/fault.js";
import { secretPrefix } from "./secret-variables.js";

const name = /^[A-Za-z0-9][\w.-]{0,63}$/;

/** How settings name a secret. */
export const secretNameShape = z.string().regex(name, "is the name of a secret, not the secret itself");

/** A secret's text by its name. Usage fault: it is nowhere, or others can read the file. */
type SecretReader = (name: string) => Promise<string>;

export interface Secrets {
  read: SecretReader;
  /** The text with the name of each secret that was read in its place. */
  hide(text: string): string;
}

/** Shorter ones stand in any text by chance. */
const shortestHidden = 4;

/** TARBISECT_SECRETS, else secrets.yaml in the user's configuration folder. */
export function secretsFile(env: NodeJS.ProcessEnv): string {
  if (env.TARBISECT_SECRETS) return resolve(env.TARBISECT_SECRETS);
  return join(env.XDG_CONFIG_HOME ?? join(homedir(), ".config"), "tarbisect/secrets.yaml");
}

/** TARBISECT_SECRET_NAME (upper case, "_" for what is no letter or digit) goes before the file's line. */
export function openSecrets(env: NodeJS.ProcessEnv): Secrets {
  const path = secretsFile(env);
  const known = new Map<string, string>();
  return {
    read: async (wanted) => {
      const variable = `${secretPrefix}${wanted.toUpperCase().replace(/[^A-Z0-9]/g, "_")}`;
      const secret = env[variable] || (await readSecrets(path)).get(wanted);
      if (secret === undefined)
        throw usageFault(
          `the secret "${wanted}" is neither in ${path} nor in ${variable}`,
          `a line ${wanted}: "..." in a file of mode 0600`,
        );
      known.set(wanted, secret);
      return secret;
    },
    hide: (text) =>
      [...known]
        .filter(([, secret]) => secret.length >= shortestHidden)
        .sort(([, a], [, b]) => b.length - a.length)
        .reduce((shown, [each, secret]) => shown.replaceAll(secret, `[secret ${each}]`), text),
  };
}

async function readSecrets(path: string): Promise<Map<string, string>> {
  const text = await readOwnFile(path);
  if (text === undefined) return new Map();
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, schema: "failsafe" });
  // The parser's own words may quote the text.
  const wrong = (offset: number): Error =>
    usageFault(
      `${path}:${Math.max(1, lines.linePos(offset).line)} is no line of the form NAME: "SECRET"`,
      "one secret a line, in quotes, without control characters",
    );
  const [error] = document.errors;
  if (error !== undefined) throw wrong(error.pos[0]);
  const { contents } = document;
  if (!isMap(contents)) throw wrong(0);
  return new Map(
    contents.items.map(({ key, value }): [string, string] => {
      const [each, secret] = [key, value].map((node) =>
        isScalar(node) && typeof node.value === "string" ? node.value : "",
      ) as [string, string];
      if (name.test(each) && /^[^\x00-\x1f\x7f]+$/.test(secret)) return [each, secret];
      throw wrong(key.range[0]);
    }),
  );
}

/**
 * The file that was checked is the one that is read: both by the same descriptor, and never through a link. Undefined:
 * there is none.
 */
async function readOwnFile(path: string): Promise<string | undefined> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw usageFault(`the secrets can't be read: ${messageOf(error)}`, "a plain file of your own, mode 0600");
  });
  if (file === undefined) return undefined;
  try {
    const { mode, uid } = await file.stat();
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw usageFault(`${path} is no plain file`);
    if (uid !== userInfo().uid) throw usageFault(`${path} belongs to user ${uid}, not to you`);
    if ((mode & 0o077) !== 0)
      throw usageFault(
        `others can read the secrets: ${path} has mode ${(mode & 0o777).toString(8).padStart(4, "0")}`,
        `chmod 600 ${path}`,
      );
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}
