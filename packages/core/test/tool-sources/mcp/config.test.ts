import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../src/tool-sources/mcp/config.ts';
import { fromMcp, fromMcpDefinition, mcpServerDefinition } from '../../../src/tool-sources/mcp/index.ts';

describe('a configuration', () => {
  test('of one server', () => {
    expect(readConfig({ command: 'npx', args: ['-y', 'x'], cwd: '/tmp' })).toEqual([
      {
        name: undefined,
        target: { transport: 'stdio', command: 'npx', args: ['-y', 'x'], env: {}, cwd: '/tmp' },
        unknownKeys: [],
      },
    ]);
  });

  test('as Claude Desktop and VS Code write it', () => {
    const claude = { mcpServers: { a: { command: 'a', env: { K: 'v' } }, b: { command: 'b', disabled: true } } };
    expect(readConfig(claude)).toEqual([
      { name: 'a', target: { transport: 'stdio', command: 'a', args: [], env: { K: 'v' } }, unknownKeys: [] },
      { name: 'b', target: undefined, unknownKeys: [] },
    ]);
    const code = {
      inputs: [],
      servers: {
        c: { type: 'http', url: 'https://x.test/mcp', headers: { A: 'b' } },
        d: { type: 'sse', url: 'https://x.test/sse' },
        e: { type: 'stdio', command: 'e', envFile: '.env', gallery: true },
      },
    };
    expect(readConfig(code)).toEqual([
      { name: 'c', target: { transport: 'http', url: 'https://x.test/mcp', headers: { A: 'b' } }, unknownKeys: [] },
      { name: 'd', target: { transport: 'sse', url: 'https://x.test/sse', headers: {} }, unknownKeys: [] },
      {
        name: 'e',
        target: { transport: 'stdio', command: 'e', args: [], env: {} },
        unknownKeys: ['envFile', 'gallery'],
      },
    ]);
  });

  test('says which of its keys mean nothing here', () => {
    const source = fromMcp({ servers: { e: { command: 'e', envFile: '.env' } as { command: string } } });
    expect(source.problems()).toEqual([
      { source: 'mcp (e)', subject: 'e', message: "Its configuration says 'envFile', which means nothing here." },
    ]);
  });

  test.each([
    [undefined, 'fromMcp: takes a server, { mcpServers: { … } }, or a connected client.'],
    [{ servers: [] }, "fromMcp: 'servers' must be an object of servers by name."],
    [{ servers: { a: 'npx' } }, "fromMcp: server 'a' must be an object."],
    [{}, "fromMcp: the server must have either 'command', a program to start, or 'url', and not both."],
    [
      { command: 'a', url: 'http://b.test' },
      "fromMcp: the server must have either 'command', a program to start, or 'url', and not both.",
    ],
    [
      { servers: { a: { command: 'x', args: ['y', 1] } } },
      "fromMcp: server 'a' has a wrong 'args.1': Invalid input: expected string, received number.",
    ],
    [{ url: 'file:///etc' }, "fromMcp: the server has a wrong 'url': Invalid URL."],
    [
      { url: 'http://a.test', transport: 'stdio' },
      "fromMcp: the server has the transport 'stdio'; with 'url' it must be 'http' or 'sse'.",
    ],
    [
      { command: 'a', transport: 'constructor' },
      "fromMcp: the server has the transport 'constructor'; with 'command' it must be 'stdio'.",
    ],
  ])('that is wrong: %j', (config, message) => {
    expect(() => fromMcp(config as never)).toThrow(expect.objectContaining({ code: 'invalid_options', message }));
  });

  test('has times in ms', () => {
    expect(() => fromMcp({ command: 'a' }, { timeoutMs: 0 })).toThrow(
      'fromMcp: timeoutMs must be a number of ms from 1 to 2147483647.',
    );
  });
});

describe('a definition in YAML', () => {
  test('is that of py-code-mode, and more', () => {
    const definitions = [
      { name: 'web', type: 'mcp', transport: 'stdio', command: 'uvx', args: ['mcp-server-fetch'], env: { KEY: 'v' } },
      { name: 'old', type: 'mcp', transport: 'sse', url: 'http://x.test/sse', timeout: 5, sse_read_timeout: 300 },
      { name: 'new', type: 'mcp', description: 'd', url: 'http://x.test/mcp', headers: { A: 'b' }, timeout: 0.5 },
    ];
    for (const definition of definitions) {
      expect(fromMcpDefinition(mcpServerDefinition.parse(definition)).name).toBe(`mcp (${definition.name})`);
    }
  });

  test.each([
    [{ name: 'a', type: 'mcp' }, 'either command, a program to start, or url is needed, and not both'],
    [{ name: 'a', type: 'mcp', command: 'x', comand: 'y' }, 'Unrecognized key: "comand"'],
    [{ name: 'a', type: 'mcp', command: 'x', timeout: 0 }, 'Too small: expected number to be >0'],
  ])('that is wrong: %j', (definition, message) => {
    expect(mcpServerDefinition.safeParse(definition).error?.issues[0]?.message).toBe(message);
  });
});
