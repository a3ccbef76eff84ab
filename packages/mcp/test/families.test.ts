import { describe, expect, it } from 'vitest';
import { connect, gate } from './harness.ts';

describe('what is offered', () => {
  it('only the families that were chosen', async () => {
    const { client } = await connect({ mcp: { families: ['ipython'] } });
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual([
      ...['python_exec', 'python_reset', 'python_status', 'python_interrupt', 'submit_code'],
    ]);
    expect(client.getInstructions()).toContain('the tool python_exec.');
  });

  it('no tools that change packages when Python may not', async () => {
    const { client } = await connect({ deps: { allowRuntime: false } });
    const names = (await client.listTools()).tools.map(({ name }) => name);
    expect(names.filter((name) => name.endsWith('_dep') || name === 'list_deps')).toEqual(['list_deps']);
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

  it('tell subscribers of the older protocol of their changes', async () => {
    const told = gate();
    let uri = '';
    const { client, text } = await connect({}, {}, (each) => {
      each.setNotificationHandler('notifications/resources/updated', ({ params }) => {
        uri = params.uri;
        told.open();
      });
    });
    await client.subscribeResource({ uri: 'code-mode://artifacts/b.txt' });
    await text('run_code', { code: 'artifacts.save("a.txt", "1")\nartifacts.save("b.txt", "2")' });
    await told.opened;
    expect(uri).toBe('code-mode://artifacts/b.txt');
  });
});
