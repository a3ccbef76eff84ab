import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EXIT } from '../../src/exit-codes.ts';
import { exitCodeOf, messageOf } from '../../src/failure.ts';
import { callTool, listTools } from '../../src/tools/tool-actions.ts';
import { temporaryFolder } from '../command.ts';
import { fakeTerminal } from '../fake-terminal.ts';

const folder = temporaryFolder();
/** A source that never answers, tells when it is asked, and counts how often it is closed. */
const SLOW = `const tools = () => new Promise(() => slow.asked.resolve());
export default { tools: [{ name: 'slow', tools, close: async () => { slow.closed++; } }] };`;

test.each([
  ['list', (flags: object) => listTools(undefined, flags, fakeTerminal().terminal)],
  ['call', (flags: object) => callTool('x', [], flags, fakeTerminal().terminal)],
])('Ctrl-C while the tools of tools %s load closes their servers', async (name, act) => {
  const config = join(folder, `${name}.js`);
  writeFileSync(config, SLOW);
  const slow = { asked: Promise.withResolvers<void>(), closed: 0 };
  Object.assign(globalThis, { slow });
  const before = new Set(process.listeners('SIGINT'));
  const ours = () => process.listeners('SIGINT').filter((listener) => !before.has(listener));
  const acting = act({ config }).then(
    () => undefined,
    (error: unknown) => error,
  );
  await slow.asked.promise;
  for (const listener of ours()) listener('SIGINT');
  const error = await acting;
  expect([messageOf(error), exitCodeOf(error), slow.closed]).toEqual(['Interrupted.', EXIT.interrupted, 1]);
  expect(ours()).toEqual([]);
});
