import { messageOf } from '../failure.ts';
import type { Check } from './check.ts';
import { output } from './output.ts';

/** What installs packages on this machine: uv, or pip with the module venv. */
export async function checkInstallers(python: string | undefined): Promise<Check> {
  const uv = await version('uv', ['--version']);
  const pip: Check =
    python === undefined
      ? { name: 'pip', state: 'off', detail: 'there is no Python to ask' }
      : await version(
          python,
          ['-I', '-c', 'import ensurepip, venv; print("venv, with pip", ensurepip.version())'],
          'pip',
        );
  const parts = [uv, pip];
  const found = parts.find(({ state }) => state === 'ok');
  if (found !== undefined)
    return { name: 'installers', state: 'ok', detail: `packages are installed by ${found.name}`, parts };
  return {
    name: 'installers',
    state: 'off',
    detail: 'no packages can be installed',
    fix: 'Install uv, or the package python3-venv of your system.',
    parts,
  };
}

/** Docker or Podman. */
export async function checkEngine(): Promise<Check> {
  const format = ['version', '--format', '{{.Server.Version}}'];
  const parts = await Promise.all([version('docker', format), version('podman', format)]);
  const found = parts.find(({ state }) => state === 'ok');
  if (found !== undefined) return { name: 'containers', state: 'ok', detail: `${found.name} answers`, parts };
  return {
    name: 'containers',
    state: 'off',
    detail: 'no engine answers; sessions in subprocesses need none',
    fix: 'For containers, install Docker or Podman and start its service.',
    parts,
  };
}

async function version(program: string, args: string[], name = program): Promise<Check> {
  try {
    return { name, state: 'ok', detail: (await output(program, args)) || 'there' };
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { name, state: 'off', detail: missing ? 'not on PATH' : messageOf(error) };
  }
}
