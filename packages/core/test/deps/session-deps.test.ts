import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCodeTool } from '../../src/code-tool.ts';
import type { SessionEvent } from '../../src/events.ts';
import { SubprocessExecutor } from '../../src/executors/subprocess/index.ts';
import { DepsNamespace } from '../../src/namespaces/deps-namespace.ts';
import { Session } from '../../src/session.ts';
import type { SessionOptions } from '../../src/session-options.ts';
import { MemoryStorage } from '../../src/storage/memory.ts';
import { freshCacheFolder, prepareInstallers } from './test-installers.ts';
import { wheelFolder } from './wheels.ts';

const executor = new SubprocessExecutor();
const cache: { path: string } & Disposable = { path: '', [Symbol.dispose]: () => {} };
let wheels: Awaited<ReturnType<typeof wheelFolder>>;

beforeAll(async () => {
  await prepareInstallers();
  Object.assign(cache, freshCacheFolder());
  wheels = await wheelFolder([
    ['alpha', '1.0', { 'alpha/__init__.py': 'version = "1.0"', 'alpha/part.py': '' }],
    ['alpha', '2.0', { 'alpha/__init__.py': 'version = "2.0"', 'alpha/part.py': '' }],
    ['beta', '1.0', { 'beta.py': 'version = "1.0"' }],
    [
      'startup',
      '1.0',
      {
        'startup.py': '',
        'startup.pth': 'import os; os.environ["STARTED"] = "1"',
        'sitecustomize.py': 'import os; os.environ["STARTED"] = "2"',
        'json.py': 'shadowed = True',
      },
    ],
  ]);
}, 300_000);

afterAll(async () => {
  await executor.close();
  cache[Symbol.dispose]();
  wheels[Symbol.dispose]();
});

function open({ deps, ...options }: SessionOptions = {}): Session & { events: SessionEvent[] } {
  const events: SessionEvent[] = [];
  const session = new Session({
    executor,
    onEvent: (event) => events.push(event),
    deps: { cacheFolder: cache.path, extraArgs: wheels.extraArgs, installer: 'uv', ...deps },
    ...options,
  });
  return Object.assign(session, { events });
}

async function evaluate(session: Session, code: string): Promise<unknown> {
  const result = await session.run(code);
  if (result.status !== 'completed') throw new Error(JSON.stringify(result));
  return result.result;
}

/** What a call raises, as `[class, message]`. */
function raised(session: Session, call: string): Promise<unknown> {
  const code = `try:\n    what = ${call}\nexcept Exception as error:\n    what = [type(error).__name__, str(error)]\nwhat`;
  return evaluate(session, code);
}

describe('packages', () => {
  test('are there at once, and in a later session without an installation', async () => {
    const storage = new MemoryStorage();
    await using first = open({ storage, limits: { callTimeoutMs: 1 } });
    expect(
      await evaluate(first, 'change = deps.add("alpha>=1", "Beta")\nimport alpha, beta\n[change, alpha.version]'),
    ).toEqual([
      {
        installed: ['alpha==2.0', 'beta==1.0'],
        removed: [],
        already_present: [],
        requirements: ['alpha>=1', 'beta'],
        ignored: [],
        still_loaded: [],
      },
      '2.0',
    ]);
    expect(first.events.filter(({ type }) => type === 'deps-progress').at(-1)).toEqual({
      type: 'deps-progress',
      requirements: ['alpha>=1', 'beta'],
      line: ' + beta==1.0',
    });
    await using later = open({ storage });
    expect(await evaluate(later, 'import beta\n[beta.version, deps.sync()["already_present"], deps.list()]')).toEqual([
      '1.0',
      ['alpha==2.0', 'beta==1.0'],
      ['alpha>=1', 'beta'],
    ]);
    expect(later.events.filter(({ type }) => type === 'deps-progress')).toEqual([]);
  });

  test('come with coroutines too', async () => {
    await using session = open();
    const code =
      'import asyncio\nawait asyncio.gather(deps.add("alpha"), deps.add("beta"))\nimport alpha, beta\nawait deps.list.aio()';
    expect([...((await evaluate(session, code)) as string[])].sort()).toEqual(['alpha', 'beta']);
  });

  test('change their version at once, but what is imported stays until the reset', async () => {
    await using session = open();
    await session.deps.add('alpha==1.0');
    const code = 'import alpha\nchange = deps.add("alpha==2.0")\nimport alpha\n[change, alpha.version]';
    expect(await evaluate(session, code)).toEqual([
      {
        installed: ['alpha==2.0'],
        removed: ['alpha==1.0'],
        already_present: [],
        requirements: ['alpha==2.0'],
        ignored: [],
        still_loaded: ['alpha'],
      },
      '1.0',
    ]);
    await session.reset();
    expect(await evaluate(session, 'import alpha\nalpha.version')).toBe('2.0');
  });

  test('are really gone when they are removed', async () => {
    await using session = open();
    await session.deps.add(['alpha', 'beta']);
    const code = `
import importlib.util, sys, alpha.part
[deps.remove("ALPHA"), [name for name in sys.modules if name.startswith("alpha")], importlib.util.find_spec("alpha"), deps.list()]`;
    expect(await evaluate(session, code)).toEqual([
      {
        installed: [],
        removed: ['alpha==2.0'],
        already_present: [],
        requirements: ['beta'],
        ignored: [],
        still_loaded: [],
      },
      [],
      null,
      ['beta'],
    ]);
    expect(await session.deps.remove('unknown')).toMatchObject({ installed: [], removed: [], requirements: ['beta'] });
    expect(await session.deps.remove('beta')).toMatchObject({ removed: ['beta==1.0'], requirements: [] });
    expect(await evaluate(session, 'import sys\n[path for path in sys.path if "code-mode-deps" in path]')).toEqual([]);
  });

  test('added by two sessions at once both stay', async () => {
    const storage = new MemoryStorage();
    await using first = open({ storage });
    await using second = open({ storage });
    await Promise.all([first.deps.add('alpha'), second.deps.add('beta')]);
    expect((await first.deps.list()).sort()).toEqual(['alpha', 'beta']);
    await Promise.all([first.deps.sync(), second.deps.sync()]);
    for (const session of [first, second]) expect(await evaluate(session, 'import alpha, beta\n1')).toBe(1);
  });

  test.each(['fork', 'spawn'] as const)('execute nothing at the start and shadow nothing (%s)', async (startMethod) => {
    await using own = new SubprocessExecutor({ startMethod, preload: ['beta'] });
    const storage = new MemoryStorage();
    const code =
      'import os, sys, json, startup\n[os.environ.get("STARTED"), hasattr(json, "shadowed"), "sitecustomize" in sys.modules]';
    await using live = open({ storage });
    await live.deps.add(['startup', 'beta']);
    expect(await evaluate(live, code)).toEqual([null, false, false]);
    await using later = open({ storage, executor: own });
    expect(await evaluate(later, code)).toEqual([null, false, false]);
    // A spawned kernel starts bare: there is nothing to share.
    expect(await evaluate(later, '"beta" in sys.modules')).toBe(startMethod === 'fork');
  });

  test('that nobody can install leave a session that starts, with a warning', async () => {
    const storage = new MemoryStorage();
    await storage.set('deps/requirements.txt', Buffer.from('alpha==7  # by hand\n'));
    await using session = open({ storage });
    expect(await evaluate(session, '1')).toBe(1);
    expect(session.events.filter(({ type }) => type === 'warning')).toEqual([
      {
        type: 'warning',
        message: 'The session starts without its packages. Nothing was installed: no version of alpha fits alpha==7.',
      },
    ]);
    expect(await evaluate(session, 'deps.remove("alpha")["requirements"]')).toEqual([]);
  });

  test('of a file that another program wrote are installed, and the rest of it is kept', async () => {
    const storage = new MemoryStorage();
    await storage.set('deps/requirements.txt', Buffer.from('alpha==1.0  # by hand\n-r other.txt\n'));
    await using session = open({ storage });
    expect(await evaluate(session, 'import alpha\n[alpha.version, deps.add("beta")["ignored"]]')).toEqual([
      '1.0',
      ['-r other.txt'],
    ]);
    const stored = await storage.get('deps/requirements.txt');
    expect(Buffer.from(stored?.value ?? []).toString()).toBe('alpha==1.0  # by hand\n-r other.txt\nbeta\n');
  });
});

describe('the policy', () => {
  test('names what is allowed', async () => {
    const storage = new MemoryStorage();
    await storage.set('deps/requirements.txt', Buffer.from('beta\n'));
    await using session = open({
      storage,
      deps: { cacheFolder: cache.path, extraArgs: wheels.extraArgs, allow: ['Alpha'] },
    });
    expect(await raised(session, 'deps.add("beta")')).toEqual([
      'NamespaceError',
      'The package beta is not allowed here (deps.allow). Allowed: alpha.',
    ]);
    expect(await evaluate(session, 'change = deps.add("alpha")\n[change["installed"], change["ignored"]]')).toEqual([
      ['alpha==2.0'],
      ['beta'],
    ]);
  });

  test('can fix the packages', async () => {
    await using session = open({ deps: { cacheFolder: cache.path, extraArgs: wheels.extraArgs, allowRuntime: false } });
    await session.deps.add('alpha');
    const refusal = (what: string) => [
      'NamespaceError',
      `${what} is not allowed here: the packages of this session are fixed (deps.allowRuntime). Use what deps.list() shows.`,
    ];
    expect(await raised(session, 'deps.add("beta")')).toEqual(refusal('deps.add'));
    expect(await raised(session, 'deps.remove("alpha")')).toEqual(refusal('deps.remove'));
    expect(await evaluate(session, '[deps.list(), deps.sync()["already_present"]]')).toEqual([
      ['alpha'],
      ['alpha==2.0'],
    ]);
  });

  test('is in the description of the tool', async () => {
    await using free = open();
    await using fixed = open({ deps: { allowRuntime: false } });
    const mentions = [free, fixed].map((session) =>
      createCodeTool(session).description().includes('deps.add("pandas")'),
    );
    expect(mentions).toEqual([true, false]);
  });

  test('holds for what a workflow needs; what is there already needs no permission', async () => {
    await using session = open({ deps: { cacheFolder: cache.path, extraArgs: wheels.extraArgs, ask: true } });
    const deps = new DepsNamespace(session.deps);
    const include = (requirements: string[]) =>
      deps.prepareInclude(requirements, { name: 'workflows.install', annotations: {}, arguments: { requirements } });
    const needed = await include(['alpha']);
    expect([needed.subject?.kind, await needed.subject?.needsApproval?.()]).toEqual(['install', true]);
    expect(await session.deps.list()).toEqual([]);
    await session.deps.add('alpha>=1');
    expect((await include(['Alpha', 'alpha >= 1'])).subject).toBeUndefined();
    const more = await include(['alpha<2', 'beta']);
    expect(more.subject?.requirements?.map(({ text }) => text)).toEqual(['alpha<2', 'beta']);
    await more.perform();
    expect(await session.deps.list()).toEqual(['alpha>=1,<2', 'beta']);
    expect(await evaluate(session, 'import alpha\nalpha.version')).toBe('1.0');
  });

  test('can ask', async () => {
    const asked: unknown[] = [];
    let approved = false;
    await using session = open({
      deps: { cacheFolder: cache.path, extraArgs: wheels.extraArgs, ask: true },
      onApproval: (requests) => {
        asked.push(...requests.map(({ toolName, arguments: args }) => [toolName, args]));
        return requests.map(({ requestId }) => ({ requestId, approved, message: 'Not this one.' }));
      },
    });
    expect(await raised(session, 'deps.add("alpha")')).toEqual(['ApprovalDeniedError', 'Not this one.']);
    expect(await session.deps.list()).toEqual([]);
    approved = true;
    expect(await evaluate(session, 'deps.add("alpha")["installed"]')).toEqual(['alpha==2.0']);
    expect(asked).toEqual([
      ['deps.add', { requirements: ['alpha'] }],
      ['deps.add', { requirements: ['alpha'] }],
    ]);
  });

  test('denies when there is nobody to ask', async () => {
    await using session = open({ deps: { cacheFolder: cache.path, extraArgs: wheels.extraArgs, ask: true } });
    expect(await raised(session, 'deps.add("alpha")')).toEqual([
      'ApprovalDeniedError',
      'This call needs approval and nobody can be asked: pass `onApproval` to the session.',
    ]);
  });
});

describe('an installation', () => {
  test('has its own time limit', async () => {
    await using session = open({
      deps: { cacheFolder: `${cache.path}/slow`, extraArgs: wheels.extraArgs, timeoutMs: 1 },
    });
    await expect(session.deps.add('alpha')).rejects.toMatchObject({
      code: 'install_failed',
      message: 'Nothing was installed: it took longer than 1 ms (deps.timeoutMs).',
    });
  });

  test('ends with its session', async () => {
    await using session = open({ deps: { cacheFolder: `${cache.path}/closed`, extraArgs: wheels.extraArgs } });
    const adding = session.deps.add('alpha');
    adding.catch(() => {});
    await session.close();
    await expect(adding).rejects.toThrow('Nothing was installed: the session was closed.');
  });

  test('needs an executor that can have one', async () => {
    const without = {
      name: 'without',
      features: { ...executor.features, environments: false },
      isolation: () => executor.isolation(),
      open: () => executor.open(),
      close: async () => {},
      [Symbol.asyncDispose]: async () => {},
    };
    await using session = open({ executor: without });
    expect(await raised(session, 'deps.add("alpha")')).toEqual([
      'NamespaceError',
      "The executor 'without' cannot install packages (features.environments). Use one that can, like SubprocessExecutor.",
    ]);
  });

  test('is refused without strings', async () => {
    await using session = open();
    expect(await raised(session, 'deps.add(["alpha"])')).toEqual([
      'ToolArgumentError',
      'deps.add() takes one or more strings. Write deps.add("six", "tomli").',
    ]);
    expect(await raised(session, 'deps.add("-e .")')).toEqual([
      'NamespaceError',
      'Not a requirement: "-e .": options are not taken.',
    ]);
    expect(await raised(session, 'deps.install')).toEqual([
      'AttributeError',
      "deps has no attribute 'install'. It has add, list, remove and sync.",
    ]);
  });
});
