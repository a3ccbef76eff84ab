import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DepsOptions } from '../../src/deps/options.ts';
import { SubprocessExecutor } from '../../src/executors/subprocess/index.ts';
import { Session } from '../../src/session.ts';
import { freshCacheFolder, prepareInstallers } from './test-installers.ts';

const executor = new SubprocessExecutor();
beforeAll(prepareInstallers, 300_000);
afterAll(() => executor.close());

describe.each(['uv', 'pip'] as const)('with %s', (installer) => {
  const open = (cacheFolder: string, deps: DepsOptions = {}) =>
    new Session({ executor, deps: { installer, cacheFolder, ...deps } });

  test('a package imports at once and a wrong one is refused in one sentence', async () => {
    using cache = freshCacheFolder();
    await using session = open(cache.path);
    const run = await session.run(
      'change = deps.add("six == 1.16")\nimport six\n[change, six.__version__, deps.list()]',
    );
    expect(run).toMatchObject({
      status: 'completed',
      result: [
        {
          installed: ['six==1.16.0'],
          removed: [],
          already_present: [],
          requirements: ['six==1.16'],
          ignored: [],
          still_loaded: [],
        },
        '1.16.0',
        ['six==1.16'],
      ],
    });
    const failures = [];
    for (const wrong of ['code-mode-no-such-package-7f3a', 'six==99']) {
      const failed = await session.run(
        `try:\n    deps.add("${wrong}")\nexcept NamespaceError as error:\n    print(error)`,
      );
      failures.push(failed.stdout);
    }
    expect(failures).toEqual([
      'Nothing was installed: the index has no package "code-mode-no-such-package-7f3a" that can be installed here. Check the name: a package may be called otherwise than its module.\n',
      'Nothing was installed: no version of six fits six==99.\n',
    ]);
    expect(await session.deps.list()).toEqual(['six==1.16']);
  });

  test('a lost network is one sentence too', async () => {
    using cache = freshCacheFolder();
    await using session = open(cache.path, { indexUrl: 'http://user:secret@127.0.0.1:9/simple' });
    const adding = session.deps.add('six');
    await expect(adding).rejects.toMatchObject({
      code: 'install_failed',
      message:
        'Nothing was installed: the package index could not be reached (connection refused). Check the network, the proxy variables and deps.indexUrl.',
      details: { reason: 'network', installer },
    });
    expect(JSON.stringify(await adding.catch((error: { details: object }) => error.details))).not.toContain('secret');
  });
});
