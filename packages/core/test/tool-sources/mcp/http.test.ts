import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Session } from '../../../src/session.ts';
import { fromMcp } from '../../../src/tool-sources/mcp/index.ts';
import { makeServer } from './modern-server.ts';
import { installed } from './servers.ts';

describe('a server of 2026 over streamable HTTP', () => {
  const seen: (string | undefined)[] = [];
  const handler = toNodeHandler(createMcpHandler(makeServer)) as RequestListener;
  let server: Server;
  let url: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      seen.push(request.headers.authorization);
      if (request.headers.authorization === 'Bearer good') handler(request, response);
      else response.writeHead(401).end();
    });
    url = `http://127.0.0.1:${await listen(server)}/mcp`;
  });
  afterAll(() => stop(server));

  test('has its tools in Python, and gets the headers', async () => {
    const source = fromMcp({ url, headers: { Authorization: 'Bearer good' } }, { prefix: 'web' });
    await using session = new Session({ tools: [source] });
    expect(await session.run('tools.web.add(a=1, b=2)["sum"]')).toMatchObject({ result: 3 });
    expect(new Set(seen)).toEqual(new Set(['Bearer good']));
  });

  test('that refuses the headers is a problem, whose message keeps them to itself', async () => {
    const source = fromMcp({ url: `${url}?token=hush`, headers: { Authorization: 'Bearer bad' } }, { prefix: 'web' });
    expect(await source.tools()).toEqual([]);
    expect(source.problems()).toEqual([
      {
        source: 'web',
        subject: 'web',
        message: `MCP server 'web' could not be started: it refused the request (HTTP 401).\nIt was asked at ${url}?token=[redacted]. Correct \`headers\`.`,
      },
    ]);
  });

  test('cancels a call with its run', async () => {
    await using session = new Session({ tools: [fromMcp({ url, headers: { Authorization: 'Bearer good' } })] });
    const run = session.begin('tools.wait()', { onEvent: (event) => event.type === 'call-start' && run.abort() });
    expect(await run.settled()).toMatchObject({ result: { status: 'interrupted', stateKept: true } });
    expect(await session.run('tools.add(a=1, b=1)["sum"]')).toMatchObject({ result: 2 });
  });

  test('that goes away is named, and used again when it is back', async () => {
    const port = Number(new URL(url).port);
    const source = fromMcp({ url, headers: { Authorization: 'Bearer good' } }, { prefix: 'web' });
    await using session = new Session({ tools: [source] });
    expect(await session.run('tools.web.add(a=1, b=1)["sum"]')).toMatchObject({ result: 2 });
    await stop(server);
    expect(await session.run('tools.web.add(a=1, b=1)')).toMatchObject({
      error: {
        name: 'ToolError',
        message: `MCP server 'web' could not be used: connect ECONNREFUSED 127.0.0.1:${port}.`,
      },
    });
    await listen(server, port);
    expect(await session.run('tools.web.add(a=1, b=1)["sum"]')).toMatchObject({ result: 2 });
  });
});

test('an address where nobody listens', async () => {
  const server = createServer();
  const port = await listen(server);
  await stop(server);
  const source = fromMcp({ servers: { gone: { url: `http://127.0.0.1:${port}/` } } });
  expect(await source.tools()).toEqual([]);
  expect(source.problems()[0]?.message).toBe(
    `MCP server 'gone' could not be started: connect ECONNREFUSED 127.0.0.1:${port}.\nIt was asked at http://127.0.0.1:${port}/. Start the server, or correct \`url\` and \`transport\`.`,
  );
});

test('an address that never answers', async () => {
  const server = createServer(() => {});
  const source = fromMcp({ url: `http://127.0.0.1:${await listen(server)}/` }, { prefix: 'mute', startTimeoutMs: 300 });
  expect(await source.tools()).toEqual([]);
  expect(source.problems()[0]?.message).toContain(
    "MCP server 'mute' could not be started: it did not answer within 300 ms.\n",
  );
  await stop(server);
});

describe.each([
  ['streamable HTTP', 'streamableHttp', 'mcp', 'http'],
  ['SSE', 'sse', 'sse', 'sse'],
] as const)('a server of 2025 over %s', (_, mode, path, transport) => {
  let child: ChildProcess;
  let port: number;
  beforeAll(async () => {
    const free = createServer();
    port = await listen(free);
    await stop(free);
    child = await everything(mode, port);
  });
  afterAll(() => kill(child));

  test('has its tools in Python, also after it was started again', async () => {
    const source = fromMcp({ url: `http://127.0.0.1:${port}/${path}`, transport }, { prefix: 'all' });
    await using session = new Session({ tools: [source] });
    expect(await session.run('tools.all.get_sum(a=1, b=2)')).toMatchObject({ result: 'The sum of 1 and 2 is 3.' });
    await kill(child);
    // Without a server a call fails; with one that knows nothing of the session it does not.
    if (transport === 'sse')
      expect(await session.run('tools.all.echo(message="x")')).toMatchObject({ status: 'failed' });
    child = await everything(mode, port);
    expect(await session.run('tools.all.echo(message="again")')).toMatchObject({ result: 'Echo: again' });
  });
});

/** Starts the reference server and waits until it listens. */
async function everything(mode: string, port: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, [installed.everything, mode], {
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  for await (const line of createInterface({ input: child.stderr })) if (line.includes(`port ${port}`)) break;
  child.stderr.resume();
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

function listen(server: Server, port = 0): Promise<number> {
  return new Promise((resolve) =>
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  );
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
