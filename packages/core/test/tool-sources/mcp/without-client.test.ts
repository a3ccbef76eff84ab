import { expect, test, vi } from 'vitest';
import { Session } from '../../../src/session.ts';
import { fromMcp } from '../../../src/tool-sources/mcp/index.ts';

vi.mock('@modelcontextprotocol/client', () => {
  throw new Error('ERR_MODULE_NOT_FOUND');
});

test('without the SDK code that needs tools is told how to install it, and other code runs', async () => {
  await using session = new Session({ tools: [fromMcp({ command: 'any' })] });
  expect(await session.run('1 + 1')).toMatchObject({ result: 2 });
  await expect(session.run('tools.any()')).rejects.toMatchObject({
    code: 'invalid_options',
    message:
      'fromMcp needs the package @modelcontextprotocol/client; run `npm install @modelcontextprotocol/client`, or pass a connected client.',
  });
});

test('without the SDK a client that is passed in works', async () => {
  const client = {
    listTools: async () => ({ tools: [{ name: 'a', inputSchema: { type: 'object' } }] }),
    callTool: async () => ({}),
  };
  await using session = new Session({ tools: [fromMcp(client)] });
  expect(await session.run('tools.a()')).toMatchObject({ status: 'completed' });
});
