import { CommanderError } from 'commander';
import { EXIT, type ExitCode } from './exit-codes.ts';

/** Ends the command with one sentence that says what to do. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.broken) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** For what is wrong with the command line. */
export function usageError(message: string): Failure {
  return new Failure(message, EXIT.usage);
}

/** The sentence for whatever was thrown; the stack is for `--debug`. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if (!(error instanceof CommanderError)) return sentence(text);
  const said = text.replace(/^error: /u, '').replaceAll('\n', ' ');
  return sentence(said.charAt(0).toUpperCase() + said.slice(1));
}

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof Failure) return error.exitCode;
  if (error instanceof CommanderError) return EXIT.usage;
  // By its name: the class would load the whole library for a mistyped flag.
  const { name, code } = error as { name?: unknown; code?: unknown };
  return name === 'CodeModeError' && USAGE.has(code) ? EXIT.usage : EXIT.broken;
}

const USAGE = new Set<unknown>(['invalid_options', 'invalid_arguments', 'invalid_name', 'invalid_requirement']);

function sentence(text: string): string {
  const trimmed = text.trimEnd();
  return /[.!?)]$/u.test(trimmed) ? trimmed : `${trimmed}.`;
}
