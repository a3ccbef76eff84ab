import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, open } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { CodeModeError } from '../../errors.ts';

const CANDIDATES = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];

/**
 * Finds the interpreter's absolute path, while the host's environment is still there to find it with. A symbolic link
 * stays one, because a virtual environment is known by it; a launcher script (pyenv, asdf) is asked for the
 * interpreter behind it.
 * @throws CodeModeError `python_not_found`
 */
export async function findPython(wanted: string | undefined = process.env.CODE_MODE_PYTHON): Promise<string> {
  const found = wanted === undefined ? await findOnPath(CANDIDATES) : await locate(wanted);
  if (!found) {
    throw new CodeModeError(
      'python_not_found',
      wanted === undefined
        ? 'No Python was found on PATH. Install Python 3.10 or newer, or name one with `new SubprocessExecutor({ python })`.'
        : `Python was not found at ${JSON.stringify(wanted)}. Give the path of a Python 3.10 or newer.`,
    );
  }
  return (await isScript(found)) ? interpreterBehind(found) : found;
}

function locate(wanted: string): Promise<string | undefined> {
  if (isAbsolute(wanted) || wanted.includes('/')) return firstExecutable([resolve(wanted)]);
  return findOnPath([wanted]);
}

/** The first of these programs that is on `PATH`, as an absolute path. */
export function findOnPath(names: string[]): Promise<string | undefined> {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(isAbsolute);
  return firstExecutable(names.flatMap((name) => folders.map((folder) => join(folder, name))));
}

async function firstExecutable(paths: string[]): Promise<string | undefined> {
  for (const path of paths) {
    const usable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return path;
  }
  return undefined;
}

async function isScript(path: string): Promise<boolean> {
  const file = await open(path).catch((cause: Error) => {
    throw new CodeModeError('kernel_start_failed', `${path} could not be read: ${cause.message}`, { cause });
  });
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer.toString('latin1') === '#!';
  } finally {
    await file.close();
  }
}

async function interpreterBehind(script: string): Promise<string> {
  const refused = (reason: string, cause?: unknown) =>
    new CodeModeError('python_not_found', `${script} does not start a Python: ${reason}`, { cause });
  const asked = promisify(execFile)(script, ['-I', '-c', 'import sys; print(sys.executable)']);
  const { stdout } = await asked.catch((cause: Error) => {
    throw refused(cause.message.trim(), cause);
  });
  const path = stdout.trim();
  if (!isAbsolute(path)) throw refused(`asked for its path, it printed ${JSON.stringify(path.slice(0, 200))}.`);
  return path;
}
