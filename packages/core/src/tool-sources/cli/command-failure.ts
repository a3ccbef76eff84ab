import { existsSync, statSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { plainText, shorten } from '../../prompts/plain-text.ts';
import { ToolError } from '../tool.ts';
import type { CommandOutcome } from './run-command.ts';

/** What messages say of a command: as its file says it, so that no secret is in it. */
export interface CommandWords {
  /** The tool, e.g. `curl.get`. */
  tool: string;
  command: string;
  cwd: string | undefined;
  /** The name of the file that defines it: where it is on the host is nobody's business. */
  file: string;
  timeoutSeconds: number;
}

/** The error for a command that did not do its work. Its details are what is known: exit code, stdout and stderr. */
export function commandFailure(outcome: CommandOutcome, words: CommandWords, cwd: string | undefined): ToolError {
  const { tool, timeoutSeconds } = words;
  const stdout = outcome.stdout.text();
  const stderr = outcome.stderr.text();
  const last = lastLines(stderr) || lastLines(stdout);
  const said = last === '' ? ' and printed nothing.' : `: ${last}`;
  switch (outcome.kind) {
    case 'exited':
      return new ToolError(`${tool} exited with code ${outcome.exitCode}${said}`, {
        exitCode: outcome.exitCode,
        stdout,
        stderr,
      });
    case 'killed':
      return new ToolError(`${tool} was ended by ${outcome.signal}${said}`, {
        exitCode: null,
        signal: outcome.signal,
        stdout,
        stderr,
      });
    case 'timed-out':
      return new ToolError(
        `${tool} timed out after ${timeoutSeconds}s; it was killed with everything it started. Ask for less, or set a longer \`timeout\` in ${words.file}.`,
        { exitCode: null, stdout, stderr },
      );
    case 'not-started':
      return new ToolError(`${tool}: ${startProblem(outcome.code, words, cwd)}`);
  }
}

const MAX_LINES = 10;
const MAX_CHARACTERS = 2_000;

function lastLines(output: string): string {
  const text = plainText(stripVTControlCharacters(output)).trim();
  const lines = text.split('\n').slice(-MAX_LINES).join('\n');
  return lines.length > MAX_CHARACTERS ? `…${lines.slice(-MAX_CHARACTERS).toWellFormed()}` : lines;
}

function startProblem(code: string, { command, cwd, file }: CommandWords, folder: string | undefined): string {
  const shown = `"${shorten(command, 100)}"`;
  if (folder !== undefined && !isFolder(folder)) return `its folder "${cwd}" (\`cwd\` in ${file}) does not exist.`;
  if (code === 'ENOENT' && command.includes('/')) return `there is no file ${shown}; correct \`command\` in ${file}.`;
  if (code === 'ENOENT') {
    const advice = /\s/.test(command)
      ? `\`command\` in ${file} is one program; write its arguments as presets.`
      : `Install it, or give its path as \`command\` in ${file}.`;
    return `there is no command ${shown} on the PATH. ${advice}`;
  }
  if (code === 'EACCES') return `${shown} may not be executed; check the permissions of the file.`;
  if (code === 'E2BIG') return 'the arguments are too long for a command line; pass less at a time.';
  return `${shown} could not be started (${code}).`;
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}
