import { request } from 'node:http';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { describe, expect, it } from 'vitest';
import type { McpHost } from '../src/mcp-host.ts';
import { type HttpServerOptions, serveOverHttp } from '../src/serve-http.ts';
import { atEnd, callsOf, gate, openHost } from './harness.ts';

async function serve(options: HttpServerOptions = {}) {
  const host = await openHost({ mcp: { families: ['code-mode', 'ipython'] } });
  const server = await serveOverHttp(host, options);
  atEnd(() => server.close());
  return { host, url: new URL(server.url) };
}

async function connectModern(url: URL) {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new StreamableHTTPClientTransport(url));
  atEnd(() => client.close());
  expect(client.getNegotiatedProtocolVersion()).toBe('2026-07-28');
  return { client, ...callsOf(client) };
}

async function connectOld(url: URL) {
  const client = new OldClient({ name: 'test', version: '1' });
  const transport = new OldTransport(url);
  // Its types do not know exact optional properties.
  await client.connect(transport as Parameters<OldClient['connect']>[0]);
  atEnd(() => client.close());
  return { client, transport, ...callsOf(client) };
}

/** Status and text of an `initialize` with these headers. `fetch` would not send them. */
function post(url: URL, headers: Record<string, string>): Promise<[number | undefined, string]> {
  const clientInfo = { name: 'raw', version: '1' };
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo };
  const types = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers: { ...types, ...headers } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve([response.statusCode, text]));
    });
    sent.on('error', reject).end(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }));
  });
}

it('a request of an older client that opens no session leaves nothing behind', async () => {
  const host = await openHost({});
  let listening = 0;
  const onEvent: McpHost['onEvent'] = (listener) => {
    const stop = host.onEvent(listener);
    listening++;
    return () => {
      listening--;
      stop();
    };
  };
  const server = await serveOverHttp({ ...host, onEvent });
  atEnd(() => server.close());
  const before = listening;
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
  const { status } = await fetch(server.url, { method: 'POST', headers, body });
  expect({ status, left: listening - before }).toEqual({ status: 400, left: 0 });
  expect((await post(new URL(server.url), {}))[0]).toBe(200);
  expect(listening - before).toBe(1);
});

describe('who may come in', () => {
  it('pages of other sites may not: Host and Origin are checked', async () => {
    const { url } = await serve({ allowHosts: ['code.example.org'] });
    const status = async (headers: Record<string, string>) => (await post(url, headers))[0];
    expect(await status({})).toBe(200);
    expect(await status({ origin: 'http://localhost:3000' })).toBe(200);
    expect(await status({ host: 'code.example.org' })).toBe(200);
    expect(await status({ origin: 'https://code.example.org' })).toBe(200);
    expect(await status({ host: 'evil.example' })).toBe(403);
    expect(await status({ origin: 'https://evil.example' })).toBe(403);
    expect(await status({ origin: 'null' })).toBe(403);
  });

  it('the token must be there and right, whole', async () => {
    const { url } = await serve({ token: 'secret-token' });
    const status = async (authorization?: string) => (await post(url, authorization ? { authorization } : {}))[0];
    expect(await status('Bearer secret-token')).toBe(200);
    expect(await status('bearer secret-token')).toBe(200);
    for (const wrong of [
      undefined,
      'Bearer secret',
      'Bearer secret-token2',
      'Bearer ',
      'secret-token',
      'Basic secret-token',
    ])
      expect([wrong, await status(wrong)]).toEqual([wrong, 401]);
    expect((await fetch(url)).headers.get('www-authenticate')).toBe('Bearer');
  });

  it('a public address needs a token, and an empty one is none', async () => {
    const host = await openHost();
    await expect(serveOverHttp(host, { host: '0.0.0.0' })).rejects.toThrow(
      /^Whoever reaches 0\.0\.0\.0 could run code here/,
    );
    await expect(serveOverHttp(host, { host: '::' })).rejects.toThrow(/needs a token/);
    await expect(serveOverHttp(host, { token: '' })).rejects.toThrow('The token is empty: give one, or none.');
  });

  it('other paths and unknown sessions are refused', async () => {
    const { url } = await serve();
    expect((await post(new URL('/', url), {}))[0]).toBe(404);
    expect((await post(url, { 'mcp-session-id': 'made-up' }))[0]).toBe(404);
  });
});

describe('sessions', () => {
  it('A.2 48: each connection of the older protocol has its own, and it ends with it', async () => {
    const { url, host } = await serve();
    const [ann, bob] = [await connectOld(url), await connectOld(url)];
    await ann.text('run_code', { code: 'x = "of ann"' });
    expect(await bob.text('run_code', { code: 'x' })).toMatch(/^Error: NameError/);
    expect(await ann.text('run_code', { code: 'x' })).toBe('Result: "of ann"');
    expect(host.codeMode.sessions.size).toBe(2);
    await ann.transport.terminateSession();
    expect(host.codeMode.sessions.size).toBe(1);
  });

  it('in the newer protocol a result names the session, and who names it has it', async () => {
    const { url } = await serve();
    const { call, text } = await connectModern(url);
    const { structuredContent } = await call('run_code', { code: 'x = 41' });
    const session_id = structuredContent?.session_id as string;
    expect(await text('run_code', { code: 'x + 1', session_id })).toBe(
      `Result: 42\n\n[session_id: ${session_id}; pass it to keep using this session]`,
    );
    expect(await text('run_code', { code: 'x' })).toMatch(/^Error: NameError/);
    expect(await text('run_code', { code: 'x', session_id: 'made-up' })).toBe(
      'There is no session "made-up", or it was idle for too long. Leave session_id out to get a new one.',
    );
  });

  it('the kernels of ipython go with the session too', async () => {
    const { url } = await serve();
    const { json } = await connectModern(url);
    const { session_id } = await json('python_exec', { code: 'x = 1' });
    expect(await json('python_exec', { code: 'x', session_id })).toMatchObject({ result: '1', session_id });
    const { kernel_id } = await json('python_reset', { session_id });
    expect(await json('python_exec', { code: '2', session_id, kernel_id })).toMatchObject({ success: true, kernel_id });
    expect(await json('python_exec', { code: '2', kernel_id })).toMatchObject({ success: false });
  });
});

describe('while a call runs', () => {
  it.each([
    ['2025', connectOld],
    ['2026', connectModern],
  ] as const)('output comes as progress, with the protocol of %s', async (_, open) => {
    const { url } = await serve();
    const { client } = await open(url);
    const printed: string[] = [];
    const onprogress = ({ message }: { message?: string | undefined }) => void printed.push(message ?? '');
    const params = { name: 'run_code', arguments: { code: 'for n in range(3): print(n, flush=True)' } };
    // The older client has a schema between.
    const done =
      client instanceof OldClient
        ? client.callTool(params, undefined, { onprogress })
        : client.callTool(params, { onprogress });
    await done;
    expect(printed.join('')).toBe('0\n1\n2\n');
  });

  it('changes of artifacts are told to other clients', async () => {
    const { url } = await serve();
    const told = gate();
    const listener = new Client(
      { name: 'test', version: '1' },
      {
        versionNegotiation: { mode: 'auto' },
        listChanged: { resources: { autoRefresh: false, onChanged: () => told.open() } },
      },
    );
    await listener.connect(new StreamableHTTPClientTransport(url));
    atEnd(() => listener.close());
    const { text } = await connectOld(url);
    await text('run_code', { code: 'artifacts.save("a.txt", "hello")' });
    await told.opened;
    expect((await listener.listResources()).resources.map(({ name }) => name)).toEqual(['a.txt']);
  });
});
