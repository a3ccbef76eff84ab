import { loadConfig } from '@code-mode/core/config';
import { expect, it } from 'vitest';
import { configFlags } from '../src/config-options.ts';
import { createMcpCommand } from '../src/mcp-command.ts';

const COMMON = [
  ...['--workspace', 'team', '--tools', '/tools', '--tools', '/more.yaml', '--executor', 'subprocess'],
  ...['--isolation', 'required', '--timeout', '2.5', '--with', 'six', '--with', 'numpy>=1,<2', '--no-runtime-deps'],
  ...['--read-only', '--policy', 'ask-writes', '--families', 'ipython,code-mode', '--no-config'],
];
const COMMON_CONFIG = {
  workspace: 'team',
  tools: ['/tools', '/more.yaml'],
  executor: 'subprocess',
  subprocess: { isolation: 'required' },
  limits: { timeoutMs: 2_500 },
  packages: ['six', 'numpy>=1,<2'],
  deps: { allowRuntime: false },
  readOnly: true,
  policy: 'ask-writes',
  mcp: { families: ['ipython', 'code-mode'] },
};

it.each([
  [['--base', '/base'], { base: '/base' }],
  [['--storage', '/store'], { storage: '/store' }],
  [['--redis', 'redis://localhost', '--prefix', 'mine'], { redis: 'redis://localhost', prefix: 'mine' }],
])('117: %j and every other flag end up in the config', async (place, config) => {
  const command = createMcpCommand().action(() => {});
  await command.parseAsync([...place, ...COMMON], { from: 'user' });
  const { config: loaded } = await loadConfig({ flags: configFlags(command.opts()) });
  expect(loaded).toEqual({ ...COMMON_CONFIG, ...config });
});
