import { afterAll, describe, expect, test } from 'vitest';
import { openTestEngine, type TestEngine } from '../../core/test/executors/container/test-engine.ts';
import { codeMode, temporaryFolder } from './command.ts';

const cwd = temporaryFolder();
const opened = await openTestEngine();
afterAll(() => opened?.stop());
// The cases run only where there is one.
const { image, env } = opened ?? ({} as TestEngine);

describe.skipIf(!opened)('--executor container', () => {
  test('runs the code in a container of the image', async () => {
    const flags = ['--executor', 'container', '--image', image];
    // A program that is in the image and nowhere else.
    const code = 'import shutil\nprint(shutil.which("python-bare", path="/usr/local/bin"))';
    const ended = await codeMode(['run', ...flags, '-c', code], { cwd, env });
    expect(ended).toEqual({ exitCode: 0, stdout: '/usr/local/bin/python-bare\n', stderr: '' });
  });

  test('doctor looks at what runs there', async () => {
    const { exitCode, stdout } = await codeMode(['doctor', '--json', '--executor', 'container', '--image', image], {
      cwd,
      env,
    });
    const { checks } = JSON.parse(stdout) as {
      checks: {
        name: string;
        state: string;
        detail: string;
        parts?: { name: string; state: string; fix?: string }[];
      }[];
    };
    const told = Object.fromEntries(checks.map(({ name, state, detail }) => [name, `${state} ${detail}`]));
    expect([exitCode, told.session, told.installers]).toEqual([
      0,
      'ok Python starts, and answers',
      'ok packages are installed by the pip of the image',
    ]);
    expect(told.python).toMatch(/^ok 3\.\d+\.\d+, by the executor container$/u);
    const layers = checks.find(({ name }) => name === 'isolation')?.parts ?? [];
    expect(layers.map(({ name }) => name)).toContain('container');
    expect(layers.filter(({ state, fix }) => state !== 'ok' && fix === undefined)).toEqual([]);
  });
});

test('an engine that is not there is one sentence', async () => {
  const nowhere = { DOCKER_HOST: 'unix:///nonexistent/docker.sock' };
  const ended = await codeMode(['run', '--executor', 'container', '-c', '1'], { cwd, env: nowhere });
  expect(ended.exitCode).not.toBe(0);
  expect([ended.stdout, ended.stderr]).toEqual([
    '',
    'code-mode: No container engine answers at /nonexistent/docker.sock. Start Docker or Podman, or say where it listens with DOCKER_HOST or `docker`.\n',
  ]);
});
