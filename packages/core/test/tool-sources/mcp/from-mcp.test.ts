import { mkdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, InMemoryTransport, SdkError, SdkErrorCode } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunResult } from '../../../src/run-result.ts';
import { Session } from '../../../src/session.ts';
import { fromMcp, type McpClient } from '../../../src/tool-sources/mcp/index.ts';
import { makeServer } from './modern-server.ts';
import { bad, modern, reference } from './servers.ts';

describe('the tools of servers of both eras', () => {
  const warnings: string[] = [];
  const source = fromMcp({
    mcpServers: {
      everything: { ...reference('everything'), env: { GREETING: 'hi' } },
      files: reference('filesystem', tmpdir()),
      memory: { ...reference('memory'), env: { MEMORY_FILE_PATH: `${tmpdir()}/none-${process.pid}.jsonl` } },
      modern: modern(),
      missing: { command: 'no-such-command', args: ['--token', 'x', '--api-key=y', '-v'] },
      nowhere: { command: process.execPath, cwd: '/no/such/folder' },
      broken: { command: process.execPath, args: ['-e', 'console.error("no key"); process.exit(3)'] },
    },
  });
  const session = new Session({
    tools: [source],
    onEvent: (event) => event.type === 'warning' && warnings.push(event.message),
  });
  const value = async (code: string) => resultOf(await session.run(code));
  const error = async (code: string) => errorOf(await session.run(code));
  beforeAll(() => session.tools.list(), 60_000);
  afterAll(() => session.close());

  test('are in Python by the names of the servers', async () => {
    expect(await value('[n for n in dir(tools) if n not in ("list", "search", "describe")]')).toEqual([
      'everything',
      'files',
      'memory',
      'modern',
    ]);
    expect(await value('tools.everything.echo(message="hello")')).toBe('Echo: hello');
    expect(await value('tools.modern.add(a=1, b=2)')).toEqual({ sum: 3 });
    expect(await value(`tools.files.list_allowed_directories()["content"]`)).toContain(tmpdir());
    expect(await value('tools.memory.read_graph()')).toEqual({ entities: [], relations: [] });
  });

  test('have their types and descriptions', async () => {
    expect(await session.tools.describe('modern.add')).toContain('def add(*, a: float, b: float)');
    expect((await session.tools.search('add numbers'))[0]).toMatchObject({
      name: 'modern.add',
      description: 'Adds two numbers.',
    });
  });

  test('keep their hints and titles', async () => {
    expect((await session.tools.catalog()).get('modern.add')?.annotations).toEqual({
      title: 'Addition',
      readOnly: true,
      openWorld: false,
    });
  });

  test('check arguments before the server sees them', async () => {
    expect(await error('args = {"a": "x", "b": 2}\ntools.modern.add(**args)')).toMatchObject({
      name: 'ToolArgumentError',
    });
  });

  test('return images, and links and resources as MCP has them', async () => {
    expect(await value('r = tools.everything.get_tiny_image(); [type(x).__name__ for x in r]')).toEqual([
      'str',
      'Image',
      'str',
    ]);
    expect(await value('r[1].mime_type, r[1].data[:4]')).toEqual(['image/png', { $bytes: 'iVBORw==' }]);
    expect(await value('tools.everything.get_resource_links(count=1)[1]')).toMatchObject({
      type: 'resource_link',
      uri: 'demo://resource/dynamic/blob/1',
    });
    expect(await value('tools.everything.get_resource_reference(resourceType="Text")[1]["resource"]["uri"]')).toBe(
      'demo://resource/dynamic/text/1',
    );
    expect(
      await value('type(tools.everything.get_resource_reference(resourceType="Blob")[1]["resource"]["blob"]).__name__'),
    ).toBe('bytes');
  });

  test('return audio and images beside structured content', async () => {
    expect(
      await value('m = tools.modern.media()\nm["title"], m["_content"][0], m["_content"][1]["resource"]["uri"]'),
    ).toEqual(['Song', { type: 'audio', mimeType: 'audio/wav', data: { $bytes: 'AQI=' } }, 'f:p']);
    expect(await value('m["_content"][1]["resource"]["blob"].mime_type')).toBe('image/png');
  });

  test('return much', async () => {
    expect(await value('len(tools.modern.much(megabytes=20))')).toBe(20 * 2 ** 20);
  });

  test('raise what the server calls an error, with its structure', async () => {
    expect(
      await value('try:\n    tools.modern.fail()\nexcept ToolError as e:\n    r = [str(e), e.details]\nr'),
    ).toEqual(['no such repository', { status: 404 }]);
  });

  test('are not found when there are none of that name', async () => {
    expect(await error('getattr(tools.modern, "ad")()')).toMatchObject({ name: 'ToolNotFoundError' });
    await expect(session.tools.call('modern.ad')).rejects.toMatchObject({ code: 'tool_not_found' });
  });

  test('get no environment but what is configured', async () => {
    const env = (await value('tools.everything.get_env()')) as Record<string, string>;
    expect(env.GREETING).toBe('hi');
    expect(Object.keys(env).filter((name) => !SAFE.includes(name))).toEqual(['GREETING']);
  });

  test('are cancelled with the run', async () => {
    const run = session.begin('tools.everything.trigger_long_running_operation(duration=600, steps=1)', {
      onEvent: (event) => event.type === 'call-start' && run.abort(),
    });
    expect(await run.settled()).toMatchObject({ result: { status: 'interrupted', stateKept: true } });
    expect(await value('tools.everything.echo(message="still")')).toBe('Echo: still');
  });

  test('cannot ask a person', async () => {
    expect(await error('tools.modern.ask()')).toMatchObject({
      message:
        "Cannot request input 'name' (elicitation/create): the request's client capabilities do not declare the required capability",
    });
  });

  test('of servers that cannot start are problems, and hide no others', async () => {
    const problems = await session.tools.problems();
    expect(problems.map(({ subject, message }) => `${subject}: ${message}`)).toEqual([
      'everything.simulate-research-query: It runs only as an MCP task, and code-mode makes none.',
      "missing: MCP server 'missing' could not be started: there is no command 'no-such-command'.\nIt was started with `no-such-command --token [redacted] --api-key=[redacted] -v`. Install it, or give its full path as `command`.",
      `nowhere: MCP server 'nowhere' could not be started: its folder '/no/such/folder' does not exist.\nIt was started with \`${process.execPath}\`. Correct \`cwd\`.`,
      `broken: MCP server 'broken' could not be started: it ended with exit code 3 before it was ready. Its last lines on stderr:\nno key\nIt was started with \`${process.execPath} -e console.error("no key"); process.exit(3)\`. Try the command by hand.`,
    ]);
    const [problem] = problems;
    expect(warnings[0]).toBe(`Tools of ${problem?.source}: ${problem?.subject}: ${problem?.message}`);
    expect(warnings).toHaveLength(4);
  });

  test('that come later are there for the next run', async () => {
    expect(await error('tools.modern.grown()')).toMatchObject({ name: 'ToolNotFoundError' });
    const changed = new Promise<void>((resolve) => source.watch?.(resolve));
    expect(await value('tools.modern.grow()')).toBe('done');
    await changed;
    expect(await value('tools.modern.grown()')).toBe('new');
  });
});

describe('one server', () => {
  test('has its tools without a group, or under the prefix, and by other names', async () => {
    const source = fromMcp(bad(), {
      prefix: 'odd',
      rename: { 'no object': 'nothing', pid: 'process.id' },
    });
    try {
      expect((await source.tools()).map(({ name }) => name)).toEqual([
        'odd.die',
        'odd.ask',
        'odd.process.id',
        'odd.nothing',
        'odd.no_object',
      ]);
      expect(source.problems()).toMatchObject([{ source: 'odd', subject: 'a..b' }]);
    } finally {
      await source.close();
    }
  });

  test('cannot hide a tool behind another of the same spelling', async () => {
    const source = fromMcp(bad());
    try {
      expect((await source.tools()).map(({ name }) => name)).toEqual(['die', 'ask', 'pid', 'no object']);
      expect(source.problems()[1]).toEqual({
        source: 'node',
        subject: 'no_object',
        message: "In Python it is `tools.no_object`, as 'no object' is; `rename` one of them.",
      });
    } finally {
      await source.close();
    }
  });

  test('that asks the client for what it did not offer is told so', async () => {
    await using session = new Session({ tools: [fromMcp(bad(), { rename: { no_object: 'other' } })] });
    expect(errorOf(await session.run('tools.ask()')).message).toBe(
      '-32601 code-mode does not answer elicitation/create: no person and no model can be asked during a tool call.',
    );
  });

  test('that never answers is given up', async () => {
    const source = fromMcp(bad('mute'), { startTimeoutMs: 900 });
    expect(await source.tools()).toEqual([]);
    expect(source.problems()[0]?.message).toContain(
      "MCP server 'node' could not be started: it did not answer within 900 ms. Its last lines on stderr:\nstarting\n",
    );
  });

  test('has a time limit for a call', async () => {
    await using session = new Session({ tools: [fromMcp(modern(), { prefix: 'm', timeoutMs: 300 })] });
    expect(errorOf(await session.run('tools.m.wait()'))).toMatchObject({
      name: 'ToolTimeoutError',
      message: "MCP server 'm' did not answer within 300 ms (timeoutMs).",
    });
  });

  test('that could not start is tried again after refresh', async () => {
    const folder = join(tmpdir(), `cm-mcp-late-${process.pid}`);
    const source = fromMcp({ ...modern(), cwd: folder });
    await using session = new Session({ tools: [source] });
    expect(errorOf(await session.run('tools.add(a=1, b=1)')).name).toBe('ToolNotFoundError');
    mkdirSync(folder);
    try {
      source.refresh();
      expect(resultOf(await session.run('tools.add(a=1, b=1)'))).toEqual({ sum: 2 });
      expect(await session.tools.problems()).toEqual([]);
    } finally {
      rmdirSync(folder);
    }
  });
});

describe('a client that is passed in', () => {
  test('is used, and stays open', async () => {
    const client = await connected();
    await using session = new Session({ tools: [fromMcp(client, { prefix: 'mine' })] });
    expect(resultOf(await session.run('tools.mine.add(a=2, b=2)["sum"]'))).toBe(4);
    await session.close();
    expect((await client.listTools()).tools.length).toBeGreaterThan(0);
    await client.close();
  });

  test('is closed when that is asked for', async () => {
    const client = await connected();
    const session = new Session({ tools: [fromMcp(client, { closeClient: true })] });
    expect(resultOf(await session.run('tools.add(a=2, b=2)["sum"]'))).toBe(4);
    await session.close();
    await expect(client.callTool({ name: 'add', arguments: { a: 1, b: 1 } })).rejects.toThrow('Not connected');
  });

  test('may be anything that lists and calls tools', async () => {
    const client: McpClient = {
      listTools: async (params) =>
        params?.cursor === undefined
          ? { tools: [{ name: 'a', inputSchema: { type: 'object' } }], nextCursor: 'b' }
          : { tools: [{ name: params.cursor, inputSchema: { type: 'object' } }] },
      callTool: async ({ name }) => ({ content: [{ type: 'text', text: name }] }),
    };
    await using session = new Session({ tools: [fromMcp(client)] });
    expect(resultOf(await session.run('tools.a() + tools.b()'))).toBe('ab');
  });

  test('cannot have a list without an end', async () => {
    const page = { tools: [], nextCursor: 'again' };
    const source = fromMcp({ listTools: async () => page, callTool: async () => ({}) });
    expect(await source.tools()).toEqual([]);
    expect(source.problems()).toEqual([
      {
        source: 'mcp',
        subject: 'mcp',
        message: "MCP server 'mcp' could not list its tools: its list of tools comes in pages without an end.",
      },
    ]);
  });

  test('whose server wants to ask a person says so', async () => {
    const client: McpClient = {
      listTools: async () => ({ tools: [{ name: 'a', inputSchema: { type: 'object' } }] }),
      callTool: async () => {
        throw new SdkError(SdkErrorCode.UnsupportedResultType, 'input_required');
      },
    };
    await using session = new Session({ tools: [fromMcp(client, { prefix: 'm' })] });
    expect(errorOf(await session.run('tools.m.a()')).message).toBe(
      "MCP server 'm' wants an answer from a person or a model (elicitation, sampling) before it goes on. code-mode cannot give one.",
    );
  });
});

const SAFE = ['HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER'];

async function connected(): Promise<Client> {
  const [here, there] = InMemoryTransport.createLinkedPair();
  await makeServer().connect(there);
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(here);
  return client;
}

function resultOf(result: RunResult): unknown {
  if (result.status !== 'completed') throw new Error(JSON.stringify(result));
  return result.result;
}

function errorOf(result: RunResult): { name: string; message: string } {
  if (result.status !== 'failed') throw new Error(JSON.stringify(result));
  return result.error;
}
