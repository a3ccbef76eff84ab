/** What the command ends with. Documented in the help of `code-mode run` and in `docs/guides/cli.md`. */
export const EXIT = {
  ok: 0,
  /** The Python code raised an exception; a check found something. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The machinery is broken or refused: no Python, no store, no such tool. */
  broken: 3,
  /** The Python process ended on its own. */
  crashed: 4,
  /** A policy or a person refused the run. */
  denied: 5,
  /** As `timeout` says it. */
  timeout: 124,
  /** As a shell says Ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
