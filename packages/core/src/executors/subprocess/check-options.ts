import { isAbsolute } from 'node:path';
import { CodeModeError } from '../../errors.ts';
import type { SubprocessExecutorOptions } from './subprocess-executor.ts';

/** @throws CodeModeError `invalid_options` */
export function checkOptions({ cwd, limits = {}, preload = [], isolation, network }: SubprocessExecutorOptions): void {
  if (!['auto', 'required', 'none', undefined].includes(isolation)) {
    throw new CodeModeError(
      'invalid_options',
      `SubprocessExecutor: isolation must be 'auto', 'required' or 'none', got ${JSON.stringify(isolation)}.`,
    );
  }
  const listed = typeof network === 'object' && Array.isArray(network?.allow);
  if (!listed && !['none', 'host', undefined].includes(network as string)) {
    throw new CodeModeError(
      'invalid_options',
      `SubprocessExecutor: network must be 'none', 'host' or { allow: ['host:port', …] }, got ${JSON.stringify(network)}.`,
    );
  }
  if (listed && isolation === 'none') {
    throw new CodeModeError(
      'invalid_options',
      "SubprocessExecutor: network.allow takes isolation: without it the code uses the host's network as it likes.",
    );
  }
  if (cwd !== undefined && !isAbsolute(cwd)) {
    throw new CodeModeError(
      'invalid_options',
      `SubprocessExecutor: cwd must be an absolute path, got ${JSON.stringify(cwd)}.`,
    );
  }
  for (const [name, value] of Object.entries(limits)) {
    const whole = name === 'cpus' || Number.isSafeInteger(value);
    if (value !== undefined && !(whole && value >= 0.01 && value < Number.MAX_SAFE_INTEGER)) {
      throw new CodeModeError(
        'invalid_options',
        `SubprocessExecutor: limits.${name} must be ${name === 'cpus' ? 'a number from 0.01' : 'a positive whole number'}, got ${String(value)}.`,
      );
    }
  }
  for (const name of preload) {
    if (!/^[A-Za-z_][\w.]*$/.test(name)) {
      throw new CodeModeError(
        'invalid_options',
        `SubprocessExecutor: preload takes module names, got ${JSON.stringify(name)}.`,
      );
    }
  }
}
