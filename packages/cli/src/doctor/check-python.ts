import { type Executor, Session } from '@code-mode/core';
import { messageOf } from '../failure.ts';
import type { Check } from './check.ts';
import { output } from './output.ts';

/** The interpreter that sessions use. */
export async function checkPython(executor: Executor): Promise<Check & { path?: string }> {
  const name = 'python';
  try {
    const path = await executor.python?.();
    if (path === undefined) {
      const kernel = await executor.open();
      await kernel.close();
      return { name, state: 'ok', detail: `${kernel.pythonVersion}, by the executor ${executor.name}` };
    }
    const version = await output(path, ['-I', '-c', 'import platform; print(platform.python_version())']);
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major < 3 || (major === 3 && minor < 10))
      return { name, state: 'failed', detail: `${path} is Python ${version}, which is too old`, fix: fix() };
    return { name, state: 'ok', detail: `${version} at ${path}`, path };
  } catch (error) {
    if (!executor.python) {
      const fix = `Mend what is said, or take another executor than ${executor.name}.`;
      return { name, state: 'failed', detail: messageOf(error), fix };
    }
    return { name, state: 'failed', detail: messageOf(error), fix: fix() };
  }
}

function fix(): string {
  return process.env.CODE_MODE_PYTHON === undefined
    ? 'Install Python 3.10 or newer, or name one: `export CODE_MODE_PYTHON=/path/to/python3`'
    : 'Type `unset CODE_MODE_PYTHON`, or give it the path of a Python 3.10 or newer.';
}

/** Whether a session starts and answers. */
export async function checkSession(executor: Executor): Promise<Check> {
  const name = 'session';
  try {
    await using session = new Session({ executor });
    const result = await session.run('6 * 7');
    if (result.status === 'completed' && result.result === 42)
      return { name, state: 'ok', detail: 'Python starts, and answers' };
    return {
      name,
      state: 'failed',
      detail: `the run ${result.status}`,
      fix: "Look at it with code-mode run -c '6 * 7'",
    };
  } catch (error) {
    return {
      name,
      state: 'failed',
      detail: messageOf(error),
      fix: 'Mend what is said about python and isolation, then run this again.',
    };
  }
}

/** Whether the Python of an executor that installs packages itself has what that takes. */
export async function checkInstaller(executor: Executor): Promise<Check> {
  const name = 'installers';
  try {
    await using session = new Session({ executor });
    const result = await session.run(PROGRAM);
    if (result.status === 'completed' && result.result === '')
      return { name, state: 'ok', detail: 'packages are installed by the pip of the image' };
    const lacking = result.status === 'completed' ? `the image lacks ${result.result}` : `the run ${result.status}`;
    return { name, state: 'off', detail: lacking, fix: 'Take an image with pip, such as python:3.13-slim.' };
  } catch (error) {
    return {
      name,
      state: 'off',
      detail: messageOf(error),
      fix: 'Mend what is said about python, then run this again.',
    };
  }
}

const PROGRAM = `
from importlib.util import find_spec
", ".join(module for module in ("venv", "pip") if find_spec(module) is None)`;
