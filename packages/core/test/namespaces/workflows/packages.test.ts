import { afterAll, beforeAll, expect, test } from 'vitest';
import { withHeader } from '../../../src/namespaces/workflows/workflow-header.ts';
import { Session } from '../../../src/session.ts';
import type { SessionOptions } from '../../../src/session-options.ts';
import { freshCacheFolder, prepareInstallers } from '../../deps/test-installers.ts';
import { wheelFolder } from '../../deps/wheels.ts';
import { pythonError, pythonValue } from './python.ts';

let cache: ReturnType<typeof freshCacheFolder>;
let wheels: Awaited<ReturnType<typeof wheelFolder>>;

beforeAll(async () => {
  await prepareInstallers();
  cache = freshCacheFolder();
  wheels = await wheelFolder([['alpha', '1.0', { 'alpha/__init__.py': 'version = "1.0"' }]]);
}, 300_000);
afterAll(() => {
  cache[Symbol.dispose]();
  wheels[Symbol.dispose]();
});

function session(deps: SessionOptions['deps'] = {}): Session {
  return new Session({ deps: { cacheFolder: cache.path, extraArgs: wheels.extraArgs, ...deps } });
}

const USES_ALPHA = 'import alpha\n\ndef run():\n    return alpha.version\n';

test('77: what a workflow imports is in its header, and is installed before the run', async () => {
  await using one = session();
  const saved = await one.workflows.create('versions', USES_ALPHA);
  expect(saved.requirements).toEqual(['alpha']);
  expect((await one.workflows.get('versions'))?.source).toBe(
    `# /// script\n# dependencies = [\n#     "alpha",\n# ]\n# ///\n${USES_ALPHA}`,
  );
  expect(await pythonValue(one, '[workflows.versions(), await workflows.versions()]')).toEqual(['1.0', '1.0']);
  expect(await one.deps.list()).toEqual(['alpha']);
});

test('a package that cannot be had gives one error that names it', async () => {
  await using one = session({ allowRuntime: false });
  await one.workflows.create('versions', USES_ALPHA);
  expect(await pythonError(one, 'workflows.versions()')).toMatchObject({
    name: 'NamespaceError',
    message:
      'workflows.versions needs alpha, not installed here. Installing what is missing is not allowed here: the packages of this session are fixed (deps.allowRuntime). Use what deps.list() shows.',
  });
  await one.workflows.create(
    'other',
    '# /// script\n# dependencies = ["no-such-package>=1"]\n# ///\ndef run(): pass\n',
  );
  expect((await pythonError(one, 'workflows.other()')).message).toMatch(
    /^workflows\.other needs no-such-package>=1, not installed here\. /u,
  );
});

test('installing for a workflow asks for approval where deps.add does', async () => {
  await using one = session({ ask: true });
  await one.workflows.create('versions', USES_ALPHA);
  const run = one.begin('workflows.versions()');
  const state = await run.settled();
  expect(
    state.kind === 'approval' && state.requests.map(({ toolName, arguments: given }) => [toolName, given.requirements]),
  ).toEqual([['workflows.install', ['alpha']]]);
  if (state.kind === 'approval') run.decide(state.requests.map(({ requestId }) => ({ requestId, approved: true })));
  expect(await run.settled()).toMatchObject({ kind: 'finished', result: { status: 'completed', result: '1.0' } });
});

test('the header comes first, behind what Python reads only there, and nothing else changes', () => {
  const header = '# /// script\n# dependencies = [\n#     "pandas",\n#     "pillow",\n# ]\n# ///\n';
  const add = (source: string) => withHeader(source, ['pandas', 'pillow']);
  expect(add('import pandas\n')).toBe(`${header}import pandas\n`);
  expect(add('#!/usr/bin/env python\n# -*- coding: utf-8 -*-\nimport pandas')).toBe(
    `#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n${header}import pandas`,
  );
  expect(add('\ufeffx = 1\r\n\ty\r\n')).toBe(`\ufeff${header.replaceAll('\n', '\r\n')}x = 1\r\n\ty\r\n`);
});
