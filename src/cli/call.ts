/** What one call of the command line was given and may touch. */
export interface Call {
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Aborted by Ctrl-C, SIGTERM and SIGHUP. */
  signal: AbortSignal;
  /** Results. */
  readonly out: (text: string) => void;
  /** Everything else: progress, warnings. */
  readonly note: (text: string) => void;
}
