import { CodeModeError } from '@code-mode/core';
import type { Command } from 'commander';

/** Runs a command line; a mistake in it is told in a sentence, and the exit code is 2. */
export async function runCommand(command: Command, argv: readonly string[] = process.argv): Promise<void> {
  command.configureOutput({
    outputError: (text, write) => write(`${command.name()}: ${text.replace(/^error: /, '')}`),
  });
  command.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : USAGE_ERROR));
  try {
    await command.parseAsync(argv);
  } catch (error) {
    const isUsage = CodeModeError.isInstance(error) && error.code === 'invalid_options';
    process.stderr.write(`${command.name()}: ${error instanceof Error ? error.message : String(error)}\n`);
    if (isUsage) process.stderr.write(`${command.name()} --help shows the flags.\n`);
    process.exit(isUsage ? USAGE_ERROR : 1);
  }
}

const USAGE_ERROR = 2;
