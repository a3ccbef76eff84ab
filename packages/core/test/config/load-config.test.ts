import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ConfigFlags } from '../../src/config/config-flags.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { openConfig } from '../../src/config/open-config.ts';
import { Session } from '../../src/session.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'code-mode-config-')));
afterAll(() => rmSync(root, { recursive: true }));

let count = 0;

/** A new folder with these files. */
function folder(files: Record<string, string> = {}): string {
  const path = join(root, `f${++count}`);
  mkdirSync(path);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}

const load = (path: string, flags: ConfigFlags = {}) => loadConfig({ folder: path, flags });
const mistake = (path: string, flags: ConfigFlags = {}) =>
  load(path, flags).then(
    () => 'loaded',
    (error: Error & { code: string }) => `${error.code}: ${error.message.replaceAll(path, '.')}`,
  );

describe('the file', () => {
  it('is the nearest one, from the working folder upwards, and its paths are relative to it', async () => {
    const path = folder({ 'code-mode.config.yaml': 'base: store\nlimits: {timeoutMs: 5000}\n', 'a/b/c.txt': '' });
    expect(await load(join(path, 'a/b'))).toEqual({
      file: join(path, 'code-mode.config.yaml'),
      config: { base: join(path, 'store'), limits: { timeoutMs: 5000 } },
    });
  });

  it('may be JSON', async () => {
    const path = folder({ 'code-mode.config.json': '{ "tools": ["a", "b.yaml"], "readOnly": true }' });
    expect((await load(path)).config).toEqual({ tools: [join(path, 'a'), join(path, 'b.yaml')], readOnly: true });
  });

  it('may be TypeScript that holds tools, functions and storages', async () => {
    const path = folder({
      'code-mode.config.ts': `
        const double = { name: 'double', description: 'Twice.', inputSchema: { type: 'object', properties: { n: { type: 'number' } } },
          annotations: {}, execute: ({ n }: { n: number }) => n * 2 };
        export default { tools: [double], policy: () => 'allow' as const };`,
    });
    await using opened = await openConfig(await load(path));
    await using session = new Session(opened.options);
    expect(await session.tools.call('double', { n: 4 })).toBe(8);
  });

  it('can be named, or left alone', async () => {
    const path = folder({ 'code-mode.config.json': '{"base": "x"}', 'other.yaml': 'readOnly: true' });
    expect((await load(path, { config: 'other.yaml' })).config).toEqual({ readOnly: true });
    expect(await load(path, { config: false })).toEqual({ config: {} });
  });

  it.each([
    [
      { 'code-mode.config.yaml': 'tols: x\n' },
      'code-mode.config.yaml:1:1 has the unknown key "tols"; did you mean "tools"?',
    ],
    [
      { 'code-mode.config.yaml': 'readOnly: true\nsubprocess:\n  isolation: strict\n' },
      'code-mode.config.yaml:3:3 subprocess.isolation must be "auto", "required" or "none", got strict.',
    ],
    [
      { 'code-mode.config.json': '{"limits": {"timeoutMs": 0}}' },
      'code-mode.config.json:1:13 limits.timeoutMs must be more than 0, got 0.',
    ],
    [
      { 'code-mode.config.json': '{}', 'code-mode.config.yaml': '' },
      '. has code-mode.config.json and code-mode.config.yaml: keep one of them.',
    ],
    [
      { 'code-mode.config.json': '{"base": "x", ' },
      'code-mode.config.json:1:15 is no valid JSON: Flow map must end with a }.',
    ],
    [
      { 'code-mode.config.js': "import 'no-such-package';" },
      'The config file code-mode.config.js does not load: the package no-such-package is not installed there. npm install no-such-package',
    ],
    [
      { 'code-mode.config.js': 'throw new TypeError("no");' },
      'The config file code-mode.config.js does not load: TypeError: no',
    ],
    [{ 'code-mode.config.yaml': '- a\n' }, 'code-mode.config.yaml must hold keys such as `base` and `tools`.'],
    [
      { 'code-mode.config.js': 'export const config = {};' },
      'code-mode.config.js must have the config as its default export: export default defineConfig({ … }).',
    ],
    [
      { 'code-mode.config.yaml': 'base: a\nredis: redis://h\n' },
      '"base" of ./code-mode.config.yaml and "redis" of ./code-mode.config.yaml both say where to keep what is saved: give one of them.',
    ],
  ])('%j is refused', async (files, message) => {
    expect(await mistake(folder(files))).toBe(`invalid_options: ${message}`);
  });
});

describe('flags', () => {
  it('override the file, key by key', async () => {
    const path = folder({
      'code-mode.config.yaml':
        'base: store\nprefix: mine\nlimits: {timeoutMs: 5000, maxCalls: 7}\nsubprocess: {network: host}\n',
    });
    const flags = {
      redis: 'redis://localhost:1',
      timeout: 2,
      isolation: 'required',
      with: ['six'],
      runtimeDeps: false,
    };
    expect((await load(path, flags)).config).toEqual({
      redis: 'redis://localhost:1',
      tools: [join(path, 'store/tools')],
      limits: { timeoutMs: 2000, maxCalls: 7 },
      subprocess: { network: 'host', isolation: 'required' },
      deps: { allowRuntime: false },
      packages: ['six'],
    });
  });

  it.each<[ConfigFlags, string]>([
    [{ base: 'a', storage: 'b' }, '--base and --storage both say where to keep what is saved: give one of them.'],
    [{ base: 'a', prefix: 'x' }, '--prefix goes with --redis ("redis" in a config file), and Redis is not used here.'],
    [{ workspace: 'x' }, '--workspace goes with --base, --storage or --redis, and nothing is kept here.'],
    [{ redis: 'http://x' }, '--redis takes redis://… or rediss://…, got "http://x".'],
    [{ timeout: 0 }, '--timeout takes seconds: a number above 0 and up to 2147483, got 0.'],
    [{ timeout: Number.NaN }, '--timeout takes seconds: a number above 0 and up to 2147483, got NaN.'],
    [{ executor: 'subproces' }, '--executor subproces is not known. Did you mean subprocess?'],
    [{ image: 'python:3.12' }, '--image goes with --executor container, and the executor is subprocess.'],
    [
      { executor: 'container', isolation: 'none' },
      '--isolation none goes with --executor subprocess, and the executor is container.',
    ],
    [{ executor: 'container', image: '' }, '--image must not be empty.'],
    [{ isolation: 'strict' }, '--isolation must be "auto", "required" or "none".'],
    [{ families: ['jupyter'] }, '--families.0 must be "code-mode" or "ipython".'],
    [
      { config: 'none.yaml' },
      "The config file none.yaml cannot be read: ENOENT: no such file or directory, open './none.yaml'",
    ],
  ])('%j is refused by name', async (flags, message) => {
    expect(await mistake(folder(), flags)).toBe(`invalid_options: ${message}`);
  });

  it('are about the executor that the file names', async () => {
    const path = folder({ 'code-mode.config.yaml': 'executor: container\ncontainer: {pull: never, image: mine}\n' });
    const { config } = await load(path, { isolation: 'required', image: 'yours' });
    expect(config).toEqual({
      executor: 'container',
      container: { pull: 'never', image: 'yours', isolation: 'required' },
    });
    await using opened = await openConfig({ config });
    expect(opened.options.executor.name).toBe('container');
    expect(await mistake(path, { executor: 'subprocess' })).toBe(
      'invalid_options: "container.pull" of ./code-mode.config.yaml goes with --executor container, and the executor is subprocess.',
    );
  });

  it('that belong to an executor are refused beside another one', async () => {
    const path = folder({ 'code-mode.config.js': 'export default { executor: { name: "mine", close() {} } };' });
    expect(await mistake(path, { isolation: 'none' })).toBe(
      'invalid_options: --isolation goes with --executor subprocess, and the executor is one of "executor" of ./code-mode.config.js.',
    );
  });
});

describe('openConfig', () => {
  it('keeps what is saved in the base folder, and finds the tools in it', async () => {
    const path = folder({ 'tools/hello.yaml': 'name: hello\ncommand: [echo]\nrecipes: {run: {}}\n' });
    {
      await using opened = await openConfig(await load(path, { base: '.' }));
      await using session = new Session(opened.options);
      await session.artifacts.save('a.txt', 'kept');
      expect((await session.tools.list()).length + (await session.tools.problems()).length).toBe(1);
    }
    await using again = await openConfig(await load(path, { storage: '.' }));
    await using session = new Session(again.options);
    expect([await session.artifacts.load('a.txt'), await session.tools.list()]).toEqual(['kept', []]);
  });
});
