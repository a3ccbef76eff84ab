import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Environments } from '../../src/deps/environments.ts';
import { LocalInstaller } from '../../src/deps/local-installer.ts';
import { resolveDepsOptions } from '../../src/deps/options.ts';
import { parseRequirement } from '../../src/deps/requirement.ts';
import { findPython } from '../../src/executors/subprocess/find-python.ts';
import { FileStorage } from '../../src/storage/file.ts';
import { MemoryStorage } from '../../src/storage/memory.ts';
import type { InstallMessage } from './install-program.ts';
import { freshCacheFolder, prepareInstallers } from './test-installers.ts';
import { wheelFolder } from './wheels.ts';

let wheels: Awaited<ReturnType<typeof wheelFolder>>;

beforeAll(async () => {
  await prepareInstallers();
  wheels = await wheelFolder([['alpha', '1.0', { 'alpha.py': '', '_alpha/__init__.py': '' }]]);
}, 300_000);
afterAll(() => wheels[Symbol.dispose]());

test('two processes at once build one environment and share it', async () => {
  using cache = freshCacheFolder();
  const processes = [install(cache.path), install(cache.path), install(cache.path)];
  const messages = await Promise.all(processes.map(messagesOf));
  expect(messages.map((list) => list.some((message) => 'line' in message)).sort()).toEqual([false, false, true]);
  expect(new Set(messages.map((list) => JSON.stringify(list.at(-1)))).size).toBe(1);
});

test('a half-built one is built again after kill -9', async () => {
  using cache = freshCacheFolder();
  const killed = install(cache.path, 'stop');
  await once(killed, 'message');
  killed.kill('SIGKILL');
  await once(killed, 'close');
  const half = readdirSync(join(cache.path, 'built')).filter((name) => /^[0-9a-f]{32}-/.test(name));
  expect(half).toHaveLength(1);
  const environment = await ensure(cache.path);
  expect(environment.packages).toEqual([{ name: 'alpha', version: '1.0', modules: ['_alpha', 'alpha'] }]);
  expect(environment.sitePackages.startsWith(join(cache.path, 'built', half[0] as string))).toBe(false);
});

test('one that was cleaned away is built again', async () => {
  using cache = freshCacheFolder();
  const first = await ensure(cache.path);
  rmSync(join(first.sitePackages, '..', '..', '..'), { recursive: true });
  const second = await ensure(cache.path);
  expect(second.id).toBe(first.id);
  expect(existsSync(join(second.sitePackages, 'alpha.py'))).toBe(true);
});

test('the installer sees no setting of the user and the listed variables', async () => {
  using cache = freshCacheFolder();
  process.env.UV_INDEX_STRATEGY = 'no such strategy';
  process.env.PIP_INDEX = 'none';
  try {
    expect((await ensure(cache.path)).packages).toHaveLength(1);
    await expect(
      ensure(cache.path, { environmentVariables: ['UV_INDEX_STRATEGY'], allowSourceBuilds: true }),
    ).rejects.toThrow('no such strategy');
  } finally {
    delete process.env.UV_INDEX_STRATEGY;
    delete process.env.PIP_INDEX;
  }
});

test('they live beside the files of a FileStorage, else in the cache folder of the user', () => {
  const { XDG_CACHE_HOME } = process.env;
  process.env.XDG_CACHE_HOME = '/somewhere';
  try {
    expect(resolveDepsOptions({}, new FileStorage('/base')).cacheFolder).toBe('/base/.code-mode/environments');
    expect(resolveDepsOptions({}, new MemoryStorage()).cacheFolder).toBe('/somewhere/code-mode/environments');
  } finally {
    if (XDG_CACHE_HOME === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = XDG_CACHE_HOME;
  }
});

test.each([
  [{ timeoutMs: 0 }, 'deps.timeoutMs must be a number from 1 to 2147483647, got 0.'],
  [{ installer: 'conda' as never }, "deps.installer must be 'uv' or 'pip', got \"conda\"."],
  [{ allow: ['six==1'] }, 'deps.allow takes names of packages, got "six==1".'],
])('%j is no option', (options, message) => {
  expect(() => resolveDepsOptions(options, new MemoryStorage())).toThrow(message);
});

async function ensure(cacheFolder: string, more: object = {}) {
  const options = resolveDepsOptions({ cacheFolder, extraArgs: wheels.extraArgs, ...more }, new MemoryStorage());
  return new Environments(options, new LocalInstaller(await findPython())).ensure({
    requirements: [parseRequirement('alpha')],
    signal: AbortSignal.timeout(60_000),
    onLine: () => {},
  });
}

function install(cacheFolder: string, ...more: 'stop'[]): ChildProcess {
  const program = new URL('install-program.ts', import.meta.url);
  return fork(program, [cacheFolder, 'alpha', JSON.stringify(wheels.extraArgs), ...more], { execArgv: [] });
}

async function messagesOf(child: ChildProcess): Promise<InstallMessage[]> {
  const messages: InstallMessage[] = [];
  child.on('message', (message: InstallMessage) => messages.push(message));
  expect(await once(child, 'close')).toEqual([0, null]);
  return messages;
}
