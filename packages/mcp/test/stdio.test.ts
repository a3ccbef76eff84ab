import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as OldStdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BIN } from './bin-path.ts';
import { atEnd, callsOf, textOf } from './harness.ts';

const folder = mkdtempSync(join(tmpdir(), 'code-mode-mcp-'));
const server = {
  command: process.execPath,
  args: [...BIN, '--no-config', '--base', folder, '--families', 'code-mode,ipython'],
};

const CLIENTS = {
  'SDK v2, protocol of 2026': async () => {
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new StdioClientTransport(server));
    expect(client.getNegotiatedProtocolVersion()).toBe('2026-07-28');
    return client;
  },
  'SDK v1, protocol of 2025': async () => {
    const client = new OldClient({ name: 'test', version: '1' });
    await client.connect(new OldStdioClientTransport(server));
    return client;
  },
};

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(Object.entries(CLIENTS))('over stdio, with the client of %s', (_, connect) => {
  let client: Awaited<ReturnType<typeof connect>>;
  let calls: ReturnType<typeof callsOf>;
  beforeAll(async () => {
    client = await connect();
    calls = callsOf(client);
  });
  afterAll(() => client.close());

  it('115: lists the tools; schemas are flat', async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      ...[
        'run_code',
        'reset_session',
        'list_tools',
        'search_tools',
        'describe_tool',
        'list_artifacts',
        'read_artifact',
      ],
      ...['list_workflows', 'search_workflows', 'get_workflow', 'create_workflow', 'delete_workflow'],
      ...['list_deps', 'add_dep', 'remove_dep'],
      ...['python_exec', 'python_reset', 'python_status', 'python_interrupt', 'submit_code'],
    ]);
    expect(JSON.stringify(tools)).not.toMatch(/\$ref|\$defs/);
    expect(tools.find(({ name }) => name === 'run_code')?.inputSchema.required).toEqual(['code']);
  });

  it('A.3 1: the five tools of ipython_mcp answer', async () => {
    const { json } = calls;
    expect(await json('python_exec', { code: '2 + 2' })).toMatchObject({ result: '4', success: true });
    expect(await json('python_status')).toMatchObject({ active: true });
    expect(await json('python_interrupt')).toMatchObject({ success: true });
    expect(await json('python_reset')).toMatchObject({ success: true });
    expect(await json('submit_code', { code: '1' })).toEqual({ ok: true });
  });

  it('115: empty lists are []', async () => {
    const lists = ['list_tools', 'list_workflows', 'list_artifacts', 'list_deps'];
    expect(await Promise.all(lists.map((name) => calls.text(name)))).toEqual(['[]', '[]', '[]', '[]']);
    expect(await calls.text('search_tools', { query: 'anything' })).toBe('[]');
  });

  it('115: variables and imports persist; an error says so, with what was printed', async () => {
    const { call, text } = calls;
    expect(await text('run_code', { code: 'import math\nx = math.floor(41.9)' })).toBe('(no output)');
    expect(await text('run_code', { code: 'math.ceil(x) + 1' })).toBe('Result: 42');
    const failed = await call('run_code', { code: 'print("so far")\n1 / 0' });
    expect([failed.isError, textOf(failed)]).toEqual([
      true,
      expect.stringMatching(/^Error: ZeroDivisionError: division by zero\n\nso far\nTraceback[\s\S]*division by zero$/),
    ]);
    expect(failed.structuredContent).toMatchObject({ status: 'failed', stdout: 'so far\n', stderr: '' });
    expect(await text('reset_session')).toBe('The Python session is new.');
    expect(await text('run_code', { code: 'x' })).toMatch(/^Error: NameError/);
  });

  it('116: a workflow is saved, found, invoked and deleted; deleting none answers false', async () => {
    const { text, json } = calls;
    const source = 'def run(n: int) -> int:\n    """Doubles a number."""\n    return n * 2\n';
    const saved = await json('create_workflow', { name: 'double', source, description: 'Doubles a number.' });
    expect(saved).toEqual({
      name: 'double',
      description: 'Doubles a number.',
      signature: 'workflows.double(*, n: int) -> int',
      trust: 'draft',
    });
    expect(await json('search_workflows', { query: 'double' })).toEqual([saved]);
    expect(await json('get_workflow', { name: 'double' })).toEqual({ ...saved, source });
    expect(await text('run_code', { code: 'workflows.invoke("double", n=21)' })).toBe('Result: 42');
    expect(await text('delete_workflow', { name: 'double' })).toBe('true');
    expect(await text('delete_workflow', { name: 'double' })).toBe('false');
  });

  it('has artifacts and workflows as resources, and a prompt', async () => {
    await calls.call('run_code', { code: 'artifacts.save("reports/a b.txt", "hello")' });
    const { resources } = await client.listResources();
    expect(resources.map(({ uri, mimeType }) => [uri, mimeType])).toEqual([
      ['code-mode://artifacts/reports/a%20b.txt', 'text/plain; charset=utf-8'],
    ]);
    const { contents } = await client.readResource({ uri: 'code-mode://artifacts/reports/a%20b.txt' });
    expect(contents).toEqual([
      { uri: 'code-mode://artifacts/reports/a%20b.txt', mimeType: 'text/plain; charset=utf-8', text: 'hello' },
    ]);
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
      'code-mode://artifacts/{+name}',
      'code-mode://workflows/{name}',
    ]);
    await expect(client.readResource({ uri: 'code-mode://workflows/none' })).rejects.toThrow(
      /There is no workflow "none"/,
    );
    const { messages } = await client.getPrompt({ name: 'solve_with_code', arguments: { task: 'Count the stars.' } });
    expect(messages[0]?.content).toMatchObject({
      text: expect.stringMatching(/^Count the stars\.\n\n[\s\S]*4\. Save code/),
    });
    await calls.call('run_code', { code: 'artifacts.delete("reports/a b.txt")' });
  });
});

describe('the command line', () => {
  it.each([
    [['--prefix', 'mine'], '--prefix goes with --redis ("redis" in a config file), and Redis is not used here.'],
    [['--host', '0.0.0.0'], '--host goes with --http.'],
    [
      ['--http', '0', '--host', '0.0.0.0'],
      'Whoever reaches 0.0.0.0 could run code here, so that address needs a token: set CODE_MODE_MCP_TOKEN or --token-file, or leave --host out.',
    ],
  ])('117: %j is a usage error that names the flag', (flags, message) => {
    const { status, stderr } = spawnSync(process.execPath, [...BIN, '--no-config', ...flags], {
      encoding: 'utf8',
      input: '',
    });
    expect(stderr.replace(/^code-mode: .*\n/gm, '')).toBe(
      `code-mode-mcp: ${message}\ncode-mode-mcp --help shows the flags.\n`,
    );
    expect(status).toBe(2);
  });

  it('has a help with examples, and keeps what Node compiles in the cache of the user', () => {
    const cache = join(folder, 'cache');
    const env = { ...process.env, XDG_CACHE_HOME: cache, NODE_COMPILE_CACHE: '' };
    const help = execFileSync(process.execPath, [...BIN, '--help'], { encoding: 'utf8', env });
    expect(help).toContain('$ code-mode-mcp --base ~/.code-mode\n');
    expect(readdirSync(join(cache, 'code-mode'))).toEqual(['compiled']);
  });

  it('works where nothing can be kept, and tells of a missing Python in the answer', async () => {
    const env = { XDG_CACHE_HOME: '/dev/null', CODE_MODE_PYTHON: '/nowhere/python3' };
    const client = new Client({ name: 'test', version: '1' });
    atEnd(() => client.close());
    const args = [...BIN, '--no-config'];
    await client.connect(new StdioClientTransport({ command: process.execPath, args, env }));
    expect(await callsOf(client).call('run_code', { code: '1 + 1' })).toMatchObject({
      isError: true,
      content: [{ text: 'Python was not found at "/nowhere/python3". Give the path of a Python 3.10 or newer.' }],
    });
  }, 60_000);
});
