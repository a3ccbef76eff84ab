import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../core/test/storage/redis-server.ts';
import { codeMode, newShell, temporaryFolder } from './command.ts';

const cwd = temporaryFolder();
const shell = newShell();

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
if (!hasRedis) console.log('skipped: a Redis that does not answer, because there is no redis-server on PATH');

// Holds in the user namespace that it is written in.
const NAMESPACES = '/proc/sys/user/max_user_namespaces';
const canLimit = spawnSync('unshare', ['-Ur', 'sh', '-c', `echo 0 > ${NAMESPACES}`]).status === 0;
if (!canLimit) console.log('skipped: a layer that is missing, because unshare makes no user namespace here');

interface Check {
  name: string;
  state: string;
  detail: string;
  fix?: string;
}

/** The commands that are told after "fix" of what fails. */
function remedies(printed: string): string[] {
  const fixes = printed.matchAll(/^FAIL .*\n {5}fix: (.*)$/gmu);
  return [...fixes].flatMap(([, fix]) => /`(.+?)`/u.exec(fix as string)?.[1] ?? []);
}

test('from a broken set-up to one that works, by what is printed', async () => {
  const port = await freePort();
  const config = { tools: 'tools', ...(hasRedis ? { redis: `redis://127.0.0.1:${port}` } : { storage: 'store' }) };
  const folder = join(cwd, 'broken');
  mkdirSync(folder);
  writeFileSync(join(folder, 'code-mode.config.json'), JSON.stringify(config));
  // What a person has typed into a shell so far.
  const typed = ['export CODE_MODE_PYTHON=/nowhere/python3'];
  const doctor = () => shell([...typed, 'code-mode doctor'].join('\n'), { cwd: folder });
  const broken = await doctor();
  expect(broken).toMatchObject({ exitCode: 1, stderr: '' });
  expect(broken.stdout).toContain('\nFAIL python: Python was not found at "/nowhere/python3".');
  expect(broken.stdout).toMatch(/\nSessions do not work here yet: follow what is said after "fix"\.\n$/u);
  const server = hasRedis ? [`redis-server --port ${port}`] : [];
  expect(remedies(broken.stdout)).toEqual(['unset CODE_MODE_PYTHON', ...server]);
  for (const command of remedies(broken.stdout))
    if (command.startsWith('redis-server ')) await startServer(command);
    else typed.push(command);
  const mended = await doctor();
  expect(mended).toMatchObject({ exitCode: 0, stderr: '' });
  expect(mended.stdout).not.toContain('FAIL');
  expect(mended.stdout).toContain('\nok   session: Python starts, and answers\n');
  expect(mended.stdout).toContain(`\nok   storage: ${hasRedis ? 'redis' : 'file'} answers, with 0 workflows\n`);
  expect(mended.stdout).toMatch(/\nSessions work here\.\n$/u);
});

/** In a shell of its own. Resolves when the server says that it is ready. */
async function startServer(command: string): Promise<void> {
  const server = spawn('sh', ['-c', `exec ${command}`], { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void server.kill('SIGKILL'));
  for await (const line of createInterface(server.stdout))
    if (line.includes('Ready to accept connections')) {
      server.stdout.resume();
      return;
    }
  throw new Error(`${command} did not start.`);
}

test.skipIf(!canLimit)('a layer that is required and missing is told with the remedy, and with a way on', async () => {
  const doctor = (flags: string) =>
    shell(`unshare -Ur sh -ec 'echo 0 > ${NAMESPACES}; exec code-mode doctor ${flags}'`, { cwd });
  const broken = await doctor('--isolation required');
  expect(broken.exitCode).toBe(1);
  const [, fix = ''] = /^FAIL isolation: .*\n {5}fix: (.*)$/mu.exec(broken.stdout) ?? [broken.stdout];
  const [remedy, wayOn] = [...fix.matchAll(/`(.+?)`/gu)].map(([, command]) => command);
  expect([remedy, wayOn]).toEqual(['sudo sysctl -w user.max_user_namespaces=15000', '--isolation auto']);
  const without = await doctor(wayOn as string);
  expect(without.exitCode).toBe(0);
  expect(without.stdout).toContain(`          fix: Type \`${remedy}\`.\n`);
  expect(without.stdout).toMatch(/\nSessions work here\.\n$/u);
});

test.each([
  ['case "$*" in *platform*) echo 3.8.20;; *) echo "$0";; esac', ' is Python 3.8.20, which is too old\n'],
  ['true', ' does not start a Python: asked for its path, it printed "".\n'],
])('a program that is no Python for us is named: %j', async (program, reason) => {
  const path = join(temporaryFolder(), 'python3');
  writeFileSync(path, `#!/bin/sh\n${program}\n`, { mode: 0o755 });
  const { exitCode, stdout } = await codeMode(['doctor'], { cwd, env: { CODE_MODE_PYTHON: path } });
  expect([exitCode, remedies(stdout)]).toEqual([1, ['unset CODE_MODE_PYTHON']]);
  expect(stdout).toContain(`\nFAIL python: ${path}${reason}`);
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
    fix: 'Start the server with `redis-server --port 1`, or name another one, with the flag or in the config file.',
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
