import { describe, expect, it, vi } from 'vitest';
import { connect } from './harness.ts';

describe('what is offered', () => {
  it('A.2 16, 46: only the families that were chosen, and the words for them', async () => {
    const { client } = await connect({ mcp: { families: ['ipython'] } });
    const { tools } = await client.listTools();
    expect(tools.map(({ name, inputSchema }) => [name, inputSchema.required ?? []])).toEqual([
      ['python_exec', ['code']],
      ['python_reset', []],
      ['python_status', []],
      ['python_interrupt', []],
      ['submit_code', ['code']],
    ]);
    const habit = async ({ client }: Awaited<ReturnType<typeof connect>>) => {
      const { messages } = await client.getPrompt({ name: 'solve_with_code', arguments: { task: 'Count.' } });
      return JSON.stringify(messages);
    };
    expect(client.getInstructions()).toContain('the tool python_exec.');
    expect(await habit({ client } as never)).toContain('Work with Python in python_exec:');
    const other = await connect();
    const names = (await other.client.listTools()).tools.map(({ name }) => name);
    expect([names.length, names.filter((name) => /^python_|^submit/.test(name))]).toEqual([15, []]);
    expect(other.client.getInstructions()).toContain('the tool run_code.');
    expect(await habit(other)).toContain('Work with Python in run_code:');
  });

  it('A.2 49: descriptions tell what a model has to know, and what they show works', async () => {
    const { client, text } = await connect({ mcp: { families: ['code-mode', 'ipython'] } });
    const { tools } = await client.listTools();
    const description = (name: string) => tools.find((tool) => tool.name === name)?.description ?? '';
    for (const [name, ...phrases] of [
      [
        'run_code',
        'variables, imports and functions persist',
        'value of the last expression is the result',
        'display(x)',
      ],
      [
        'run_code',
        'workflows.search(',
        'workflows.invoke(',
        'tools.NAME(arg=...)',
        'workflows.create(',
        'artifacts.save(',
      ],
      ['python_exec', 'keeps its variables', 'value of the last expression as `result`', 'traceback', 'images'],
      ['python_reset', 'answers with its id', 'stops what that kernel runs', 'without variables'],
      ['python_status', 'Never disturbs what runs'],
      ['python_interrupt', 'nothing that waits behind it', 'Variables stay'],
      ['submit_code', 'without running or keeping it', 'with the line'],
    ] as const)
      for (const phrase of phrases) expect(description(name)).toContain(phrase);
    for (const { inputSchema } of tools)
      for (const argument of Object.values(inputSchema.properties ?? {}))
        expect(argument).toHaveProperty('description');
    const [example = ''] = /async def run\(.*?\) -> dict: \.\.\./.exec(description('create_workflow')) ?? [];
    const source = example.replace('...', 'return {"city": city}');
    await text('create_workflow', { name: 'shown', source, description: 'As the description shows it.' });
    expect(await text('run_code', { code: 'workflows.invoke("shown", city="Oslo")' })).toBe('Result: {"city": "Oslo"}');
  });

  it('115: no tools that change packages when Python may not', async () => {
    const { client } = await connect({ deps: { allowRuntime: false } });
    const names = (await client.listTools()).tools.map(({ name }) => name);
    expect(names.filter((name) => name.includes('dep'))).toEqual(['list_deps']);
    expect(names).toEqual(expect.arrayContaining(['run_code', 'list_tools', 'search_tools', 'list_workflows']));
  });

  it('every tool has an output schema, save the one that gives contents', async () => {
    const { client } = await connect({ mcp: { families: ['code-mode', 'ipython'] } });
    const { tools } = await client.listTools();
    expect(tools.filter(({ outputSchema }) => !outputSchema).map(({ name }) => name)).toEqual(['read_artifact']);
  });

  it('a time for a run is capped by what the operator allows', async () => {
    const { text } = await connect({ limits: { timeoutMs: 500 } });
    const reply = await text('run_code', { code: 'while True: pass', timeout: 600 });
    expect(reply).toBe('Python computed for more than 500 ms (timeoutMs). Python was stopped; the variables are kept.');
  });

  it('a package that cannot be installed is told by the call that needs it', async () => {
    const { call } = await connect({ packages: ['git+https://example.org/x'] });
    const reply = await call('run_code', { code: '1' });
    expect(reply).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('git+https://example.org/x') }],
    });
  });
});

describe('artifacts', () => {
  it('are read in parts, images as images, other data not at all', async () => {
    const { call, text, json } = await connect();
    await text('run_code', {
      code: 'artifacts.save("long.txt", "a" * 20_000 + "tail")\nartifacts.save("data.bin", b"\\0\\1")\nartifacts.save("p.png", b"\\x89PNG\\r\\n\\x1a\\n")',
    });
    expect(await text('read_artifact', { name: 'long.txt' })).toMatch(
      /^a{20000}\n\[… 4 of 20004 characters follow; read on with offset 20000\]$/,
    );
    expect(await text('read_artifact', { name: 'long.txt', offset: 20_000 })).toBe('tail');
    expect((await call('read_artifact', { name: 'p.png' })).content).toEqual([
      { type: 'image', data: 'iVBORw0KGgo=', mimeType: 'image/png' },
    ]);
    expect(await text('read_artifact', { name: 'data.bin' })).toBe(
      'data.bin is application/octet-stream (2 bytes), no text. Load it in run_code: artifacts.load("data.bin").',
    );
    expect((await json('list_artifacts')).map(({ name }: { name: string }) => name)).toEqual([
      'data.bin',
      'long.txt',
      'p.png',
    ]);
    expect(await text('read_artifact', { name: 'lng.txt' })).toBe(
      'There is no artifact "lng.txt". Did you mean "long.txt"?',
    );
  });
});

describe('the library as resources', () => {
  it('tells of changes: of all that there are, and of those that were subscribed to', async () => {
    const updated: string[] = [];
    let listChanges = 0;
    const { client, text, call } = await connect({}, {}, (each) => {
      each.setNotificationHandler('notifications/resources/updated', ({ params }) => void updated.push(params.uri));
      each.setNotificationHandler('notifications/resources/list_changed', () => void listChanges++);
    });
    const subscribed = ['code-mode://artifacts/b.txt', 'code-mode://workflows/one'];
    for (const uri of subscribed) await client.subscribeResource({ uri });
    await text('run_code', { code: 'artifacts.save("a.txt", "1")\nartifacts.save("b.txt", "2")' });
    await call('create_workflow', { name: 'one', source: 'def run(): pass\n', description: 'One.' });
    await call('delete_workflow', { name: 'one' });
    await vi.waitFor(() => expect(listChanges).toBe(4), { timeout: 30_000 });
    expect(updated).toEqual([...subscribed, 'code-mode://workflows/one']);
  });

  it('completes names', async () => {
    const { client, text, call } = await connect();
    await text('run_code', { code: 'for name in "a/one.txt", "a/two.txt", "b": artifacts.save(name, "")' });
    await call('create_workflow', { name: 'one', source: 'def run(): pass\n', description: 'One.' });
    const values = async (uri: string, value: string) => {
      const { completion } = await client.complete({
        ref: { type: 'ref/resource', uri },
        argument: { name: 'name', value },
      });
      return completion.values;
    };
    expect(await values('code-mode://artifacts/{+name}', 'a/')).toEqual(['a/one.txt', 'a/two.txt']);
    expect(await values('code-mode://workflows/{name}', 'o')).toEqual(['one']);
  });
});
