import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';

export interface Python {
  version: string;
  path: string;
}

/** One Python per supported version on this machine: the chosen one first, then those on PATH, then pyenv's. */
export function listPythons(): Python[] {
  const names = [14, 13, 12, 11, 10].map((minor) => `python3.${minor}`);
  const found = new Map<string, Python>();
  for (const candidate of [process.env.CODE_MODE_PYTHON ?? 'python3', ...names, ...pyenvPythons()]) {
    const python = inspect(candidate);
    if (python && !found.has(python.version)) found.set(python.version, python);
  }
  return [...found.values()];
}

function pyenvPythons(): string[] {
  const { status, stdout } = spawnSync('pyenv', ['root'], { encoding: 'utf8' });
  return status === 0 ? globSync(`${stdout.trim()}/versions/3.1[0-4].*/bin/python`) : [];
}

function inspect(candidate: string): Python | undefined {
  // sys.executable is the real file, where the name may be a shim that depends on the folder.
  const code = 'import sys; print("%d.%d" % sys.version_info[:2], sys.executable, sep="\\n")';
  const { status, stdout } = spawnSync(candidate, ['-c', code], { encoding: 'utf8' });
  if (status !== 0) return undefined;
  const [version = '', path = ''] = stdout.trim().split('\n');
  return /^3\.1[0-4]$/.test(version) ? { version, path } : undefined;
}
