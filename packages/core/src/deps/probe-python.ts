import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CodeModeError } from '../errors.ts';

/** What decides which packages fit a Python. */
export interface PythonFacts {
  /** `3.12.1` */
  version: string;
  /** `cpython` */
  implementation: string;
  /** The ending of its extension modules, which names platform, C library and build: `.cpython-312-x86_64-linux-gnu.so` */
  platform: string;
}

const PROGRAM = `
import json, platform, sys, sysconfig
print(json.dumps([platform.python_version(), sys.implementation.name, sysconfig.get_config_var("EXT_SUFFIX") or sysconfig.get_platform()]))
`;

const known = new Map<string, Promise<PythonFacts>>();

/** Asks an interpreter, once in the life of this process. @throws CodeModeError `python_not_found` */
export function probePython(python: string): Promise<PythonFacts> {
  const asked = known.get(python) ?? ask(python);
  known.set(python, asked);
  asked.catch(() => known.delete(python));
  return asked;
}

async function ask(python: string): Promise<PythonFacts> {
  try {
    const { stdout } = await promisify(execFile)(python, ['-I', '-S', '-c', PROGRAM], { env: {}, timeout: 30_000 });
    const [version, implementation, platform] = JSON.parse(stdout) as [string, string, string];
    return { version, implementation, platform };
  } catch (cause) {
    throw new CodeModeError('python_not_found', `${python} does not start: ${(cause as Error).message.trim()}`, {
      cause,
    });
  }
}
