import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { DepsOptions } from '../../../src/deps/options.ts';
import type { CodeModeError } from '../../../src/errors.ts';
import type { SessionEvent } from '../../../src/events.ts';
import {
  type ContainerEvent,
  ContainerExecutor,
  type ContainerExecutorOptions,
} from '../../../src/executors/container/index.ts';
import { Session } from '../../../src/session.ts';
import type { SessionOptions } from '../../../src/session-options.ts';
import { MemoryStorage } from '../../../src/storage/memory.ts';
import { serveWheels } from '../../deps/serve-wheels.ts';
import { wheelFolder } from '../../deps/wheels.ts';
import { startHost } from './host-process.ts';
import { type TestEngine, untilRemoved } from './test-engine.ts';

/** What a container's sessions do with packages. The test engine has no network of its own, so pip gets the machine's. */
export function depsCases(engine: TestEngine): void {
  const cacheFolder = mkdtempSync(join(tmpdir(), 'code-mode-deps-'));
  const storage = new MemoryStorage();
  const events: ContainerEvent[] = [];
  let wheels: Awaited<ReturnType<typeof wheelFolder>>;
  let index: Awaited<ReturnType<typeof serveWheels>>;

  const make = (options: ContainerExecutorOptions = {}) =>
    new ContainerExecutor({
      docker: engine.docker,
      image: engine.image,
      pull: 'never',
      depsNetwork: 'host',
      onEvent: (event) => events.push(event),
      ...options,
    });
  const open = (executor: ContainerExecutor, deps: DepsOptions = {}, options: SessionOptions = {}) => {
    const heard: SessionEvent[] = [];
    const given = { cacheFolder, extraArgs: index.extraArgs, ...deps };
    const session = new Session({ executor, deps: given, onEvent: (event) => heard.push(event), ...options });
    return Object.assign(session, { heard });
  };

  beforeAll(async () => {
    wheels = await wheelFolder([
      ['alpha', '1.0', { 'alpha/__init__.py': 'import beta\nversion = "1.0"' }],
      ['beta', '1.0', { 'beta.py': 'version = "1.0"' }],
    ]);
    index = await serveWheels(wheels.folder);
  });

  afterAll(async () => {
    await index[Symbol.asyncDispose]();
    wheels[Symbol.dispose]();
    rmSync(cacheFolder, { recursive: true });
  });

  test('Python adds some while it runs: another container installs them, and the code cannot change them', async () => {
    const create = vi.spyOn(engine.docker, 'createContainer');
    await using executor = make();
    await using session = open(executor, {}, { storage });
    const result = await session.run(`
change = deps.add("alpha", "beta")
import alpha, os, socket
attempts = []
for attempt in (
    lambda: open(alpha.__file__, "w"),
    lambda: os.chmod(alpha.__file__, 0o777),
    lambda: os.mkdir("/code-mode/environments/mine"),
    lambda: socket.create_connection(("127.0.0.1", 80)),
):
    try:
        attempts.append(attempt())
    except OSError as error:
        attempts.append(type(error).__name__)
[change["installed"], alpha.version, alpha.__file__.split("/")[:3], attempts]`);
    expect(result).toMatchObject({
      status: 'completed',
      result: [
        ['alpha==1.0', 'beta==1.0'],
        '1.0',
        ['', 'code-mode', 'environments'],
        ['OSError', 'OSError', 'OSError', 'OSError'],
      ],
    });
    const lines = session.heard.flatMap((event) => (event.type === 'deps-progress' ? [event.line] : []));
    expect(lines.at(-1)).toBe('Successfully installed alpha-1.0 beta-1.0');
    const [sessions, installer] = create.mock.calls.map(([asked]) => asked);
    const built = join(cacheFolder, 'containers/built');
    expect(sessions?.HostConfig?.Mounts?.at(-1)).toEqual({
      Type: 'bind',
      Source: built,
      Target: '/code-mode/environments',
      ReadOnly: true,
    });
    const name = readdirSync(built).find((entry) => /^[0-9a-f]{32}-/.test(entry));
    const writable = { Type: 'bind', Source: join(built, `${name}`), Target: `/code-mode/environments/${name}` };
    expect(installer).toMatchObject({
      User: '65533:65533',
      Labels: { 'code-mode.socket': expect.any(String), 'code-mode.folder': expect.any(String) },
      HostConfig: { NetworkMode: 'host', CapDrop: ['ALL'], ReadonlyRootfs: true, AutoRemove: true, PidsLimit: 1024 },
    });
    expect(installer?.HostConfig?.Mounts?.filter(({ ReadOnly }) => !ReadOnly)).toEqual([
      { ...writable, ReadOnly: false },
    ]);
    // Nobody else gets there, and a host that is no root can remove what another user's id has made.
    expect([statSync(join(cacheFolder, 'containers')).mode & 0o777, modesIn(writable.Source)]).toEqual([
      0o700,
      [0o777],
    ]);
    create.mockRestore();
  });

  test('are there when a later session starts, without an installation, and can be preloaded', async () => {
    await using executor = make({ preload: ['alpha'] });
    await using session = open(executor, {}, { storage });
    const result = await session.run('import sys\n["alpha" in sys.modules, deps.list()]');
    expect(result).toMatchObject({ status: 'completed', result: [true, ['alpha', 'beta']] });
    expect(session.heard.filter(({ type }) => type === 'deps-progress')).toEqual([]);
  });

  test.each<[string, ContainerExecutorOptions, DepsOptions, string, string]>([
    [
      'no such package',
      {},
      {},
      'gamma',
      'the index has no package "gamma" that can be installed here. Check the name: a package may be called otherwise than its module.',
    ],
    [
      'no network',
      { depsNetwork: 'none' },
      { extraArgs: [], indexUrl: 'https://packages.invalid/simple' },
      'beta',
      'the package index could not be reached (its name is not known). Check the network, the proxy variables and deps.indexUrl.',
    ],
    [
      'no pip',
      { python: 'python-bare' },
      {},
      'beta',
      'python-bare of the image IMAGE has no pip. Take an image that has it.',
    ],
    [
      'another installer',
      {},
      { installer: 'uv' },
      'beta',
      "deps.installer is 'uv', and in a container the image's pip installs. Leave deps.installer out.",
    ],
    [
      'no space',
      { container: { scratchBytes: 4096 } },
      {},
      'beta',
      'there is no space left in memory (container.scratchBytes) or on the disk of deps.cacheFolder.',
    ],
  ])('%s is one sentence', async (_title, options, deps, requirement, sentence) => {
    await using executor = make(options);
    await using session = open(executor, deps);
    const said = await session.deps.add(requirement).catch((error: CodeModeError) => `${error.code}: ${error.message}`);
    expect(said).toBe(`install_failed: Nothing was installed: ${sentence.replace('IMAGE', engine.image)}`);
  });

  test('an installation that is cancelled leaves no container', async () => {
    await using executor = make();
    await using session = open(executor, { extraArgs: index.silent });
    events.length = 0;
    const cancel = new AbortController();
    const asked = index.asked();
    const added = session.deps.add('beta', { signal: cancel.signal });
    await asked;
    cancel.abort();
    await expect(added).rejects.toThrow('Nothing was installed: it was cancelled.');
    const [created] = events;
    expect(created).toMatchObject({ type: 'container-create' });
    const id = created?.type === 'container-create' ? created.containerId : '';
    await untilRemoved(engine, id);
  });

  test('an installation ends with its host', async () => {
    const asked = index.asked();
    const { host, exited, next } = startHost(engine, 'killed', cacheFolder, JSON.stringify(index.silent));
    const containerId = await next();
    await asked;
    host.kill('SIGKILL');
    await exited;
    await untilRemoved(engine, containerId);
  });

  test('a package with C code, of the index', async ({ skip }) => {
    await using executor = make();
    await using session = open(executor, { extraArgs: [] });
    const result = await session.run(
      'deps.add("markupsafe")\nimport markupsafe._speedups as c\nc.__file__.endswith(".so")',
    );
    // Not every index of a machine is one that a container finds.
    if (result.status === 'failed' && result.error.message.includes('Nothing was installed')) {
      console.log(`[container] skipped: ${result.error.message}`);
      skip();
    }
    expect(result).toMatchObject({ status: 'completed', result: true });
  });
}

/** The modes of the folders in a folder, each once. */
function modesIn(folder: string): number[] {
  const folders = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...new Set(folders.map(({ parentPath, name }) => statSync(join(parentPath, name)).mode & 0o777))];
}
