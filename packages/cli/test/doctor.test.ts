import { expect, test } from 'vitest';
import { codeMode, temporaryFolder } from './command.ts';

const cwd = temporaryFolder();

interface Check {
  name: string;
  state: string;
  detail: string;
  fix?: string;
}

test('from a broken set-up to one that works, by what is printed', async () => {
  const broken = await codeMode(['doctor'], { cwd, env: { CODE_MODE_PYTHON: '/nowhere/python3' } });
  expect(broken).toMatchObject({ exitCode: 1, stderr: '' });
  expect(broken.stdout).toContain(
    'FAIL python: Python was not found at "/nowhere/python3". Give the path of a Python 3.10 or newer.\n' +
      '     fix: Unset CODE_MODE_PYTHON, or give it the path of a Python 3.10 or newer.\n',
  );
  expect(broken.stdout).toMatch(/\nSessions do not work here yet: follow what is said after "fix"\.\n$/u);
  const mended = await codeMode(['doctor', '--storage', 'store'], { cwd });
  expect(mended).toMatchObject({ exitCode: 0, stderr: '' });
  expect(mended.stdout).toContain('\nok   session: Python starts, and answers\n');
  expect(mended.stdout).toContain('\nok   storage: file answers, with 0 workflows\n');
  expect(mended.stdout).toMatch(/\nSessions work here\.\n$/u);
});

test('says the same as JSON, with a reason for every layer and a fix for what is missing', async () => {
  const { exitCode, stdout } = await codeMode(['doctor', '--json', '--redis', 'redis://127.0.0.1:1'], { cwd });
  expect(exitCode).toBe(1);
  const { ok, versions, checks } = JSON.parse(stdout) as {
    ok: boolean;
    versions: Record<string, string>;
    checks: (Check & { parts?: Check[] })[];
  };
  expect(ok).toBe(false);
  expect(Object.keys(versions)).toEqual(['code-mode', '@code-mode/core', 'node', 'system']);
  expect(checks.map(({ name }) => name)).toEqual([
    'python',
    'session',
    'isolation',
    'installers',
    'storage',
    'containers',
  ]);
  expect(checks.find(({ name }) => name === 'storage')).toMatchObject({
    state: 'failed',
    fix: 'Start the server, and check the address after --redis.',
  });
  const layers = checks.find(({ name }) => name === 'isolation')?.parts ?? [];
  expect(layers.map(({ name }) => name)).toContain('landlock');
  expect(layers.filter(({ detail }) => detail === '')).toEqual([]);
  expect(layers.filter(({ state, fix }) => state !== 'ok' && fix === undefined)).toEqual([]);
});

test('a layer that was turned off by name is no fault', async () => {
  const { exitCode, stdout } = await codeMode(['doctor', '--isolation', 'none'], { cwd });
  expect(exitCode).toBe(0);
  expect(stdout).toContain("     off  seccomp: the executor was made with isolation: 'none'\n");
});
