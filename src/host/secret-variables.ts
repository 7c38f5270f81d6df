// Secrets that came by the environment are ours alone: a program that prints its environment would write them into logs.

export const secretPrefix = "TARBISECT_SECRET_";

/** An environment for programs that we start. */
export function withoutSecrets(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith(secretPrefix)));
}
