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
  if (isFileError(error)) return fileProblem(error.path, error);
  const text = error instanceof Error ? error.message : String(error);
  if (!(error instanceof CommanderError)) return sentence(text);
  const said = text.replace(/^error: /u, '').replaceAll('\n', ' ');
  const isUnknown = ['commander.unknownCommand', 'commander.unknownOption'].includes(error.code);
  const advice = isUnknown && !said.includes('Did you mean') ? ' --help lists what there is.' : '';
  return `${sentence(said.charAt(0).toUpperCase() + said.slice(1))}${advice}`;
}

/** Why a file or a folder cannot be used, and what to do. */
export function fileProblem(path: string, { code = 'unknown' }: NodeJS.ErrnoException): string {
  return `${path} cannot be used: ${REASONS[code] ?? `${code}. Check the path and its rights`}.`;
}

const REASONS: Record<string, string> = {
  ENOENT: 'it is not there. Check the path',
  EACCES: 'this user may not. Change its rights, or take another',
  EPERM: 'this user may not. Change its rights, or take another',
  EROFS: 'nothing can be written there. Take another',
  EEXIST: 'there is a file of that name. Take another',
  ENOTDIR: 'a part of the path is no folder. Check the path',
  EISDIR: 'it is a folder. Give a file',
  ENOSPC: 'the disk is full. Make room',
};

function isFileError(error: unknown): error is NodeJS.ErrnoException & { path: string } {
  if (!(error instanceof Error)) return false;
  const { syscall, path } = error as NodeJS.ErrnoException;
  return syscall !== undefined && path !== undefined;
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
