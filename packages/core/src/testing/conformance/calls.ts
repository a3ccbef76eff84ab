import { expect, test } from 'vitest';
import { defineTool } from '../../tool-sources/function.ts';
import { PIXEL } from '../sample-tools.ts';
import { type ConformanceContext, completed, failure } from './context.ts';

/** Items 62 to 65 of the behaviour list, values both ways, and errors. */
export function callCases({ run, value, fresh }: ConformanceContext): void {
  test('a call returns data', async () => {
    const result = await run('w = tools.weather(city="Oslo")\nw["temp"] + 1');
    expect(completed(result)).toBe(5);
    expect(result.calls).toEqual([
      { callId: expect.any(Number), name: 'tools.weather', status: 'completed', durationMs: expect.any(Number) },
    ]);
  });

  test('aio and await', async () => {
    expect(
      await value(
        'a = await tools.weather.aio(city="Rome")\nb = await tools.weather(city="Oslo")\n[a["temp"], b["temp"]]',
      ),
    ).toEqual([19, 4]);
  });

  test('a dotted name with odd characters', async () => {
    expect(await value('[i["title"] for i in tools.github.list_issues(repo="a/b")][:1]')).toEqual(['a/b #1']);
    expect(await value('tools["github.list-issues"](repo="c")[0]["title"]')).toBe('c #1');
  });

  test('62: an argument that is no data is refused, and the session goes on', async () => {
    expect(failure(await run('tools.echo(x=object())'))).toMatch(/^ToolArgumentError: /);
    expect(await value('try:\n    tools.echo(x=object())\nexcept TypeError: r = "TypeError"\nr')).toBe('TypeError');
  });

  test('63: a positional argument is refused before anything runs', async () => {
    const result = await run('print("started")\ntools.weather("Oslo")');
    expect(failure(result)).toBe(
      'ToolArgumentError: Line 2: tools.weather() takes keyword arguments only. Write tools.weather(city="Oslo"). Nothing has run.',
    );
    expect(result.stdout).toBe('');
  });

  test('64: a call that takes too long fails, and the next one works', async () => {
    const session = fresh({ limits: { callTimeoutMs: 100 } });
    const code = 'try:\n    tools.hang()\nexcept TimeoutError as e: print(type(e).__name__, e)\ntools.echo(a=1)';
    const result = await session.run(code);
    expect(completed(result)).toEqual({ a: 1 });
    expect(result.stdout).toBe('ToolTimeoutError The call took longer than 100 ms (limits.callTimeoutMs).\n');
    expect(result.calls.map(({ status }) => status)).toEqual(['failed', 'completed']);
  });

  test.each([1_000_000, 16_000_000, 20_000_000])('65: a text of %i characters from a tool', async (length) => {
    expect(await value(`len(tools.text(length=${length}))`)).toBe(length);
  });

  test.each([1_000_000, 16_000_000])('a text of %i characters to a tool', async (length) => {
    expect(await value(`len(tools.echo(s="é" * ${length})["s"])`)).toBe(length);
  });

  test.each([1_000, 16_000_000])('%i bytes from a tool', async (length) => {
    expect(await value(`d = tools.data(length=${length})\n[type(d).__name__, len(d), d[-1]]`)).toEqual([
      'bytes',
      length,
      (length - 1) % 256,
    ]);
  });

  test('an image from a tool', async () => {
    const result = await run('p = tools.picture()\nprint(p.mime_type, len(p.data))\np');
    expect(result.stdout).toBe(`image/png ${Buffer.from(PIXEL, 'base64').length}\n`);
    expect(result.displays.map(({ data }) => data['image/png'])).toEqual([PIXEL]);
  });

  test('every kind of value there and back', async () => {
    const code = `
values = [None, True, 0, -1, 1.5, 2**53 - 1, "", "é🌍\\n\\x00", [], {}, [[1], {"a": {"b": None}}], {"$x": 1}, {"__proto__": 1}]
[tools.echo(v=v)["v"] == v for v in values]`;
    expect(await value(code)).toEqual(Array.from({ length: 13 }, () => true));
  });

  test('what the host returns, in Python', async () => {
    const returned: Record<string, unknown> = {
      undefined: undefined,
      nan: Number.NaN,
      infinity: -Infinity,
      bigint: 2n ** 70n,
      date: new Date(0),
      set: new Set([1, 2]),
      map: new Map([['a', 1]]),
      nested: { list: [1n, { bytes: new Uint8Array([1, 2]) }] },
    };
    const give = defineTool({
      name: 'give',
      description: '',
      input: { type: 'object' },
      execute: ({ what }) => returned[String(what)],
    });
    const session = fresh({ tools: [give] });
    const code = `[repr(tools.give(what=w)) for w in ${JSON.stringify(Object.keys(returned))}]`;
    expect(completed(await session.run(code))).toEqual([
      'None',
      'nan',
      '-inf',
      '1180591620717411303424',
      "'1970-01-01T00:00:00.000Z'",
      '[1, 2]',
      "{'a': 1}",
      "{'list': [1, {'bytes': b'\\x01\\x02'}]}",
    ]);
  });

  test('an error with details', async () => {
    const code =
      'try:\n    tools.weather(city="Nowhere")\nexcept ToolError as e:\n    r = [str(e), e.message, e.details, e.tool]\nr';
    expect(await value(code)).toEqual([
      'no weather for Nowhere',
      'no weather for Nowhere',
      { city: 'Nowhere', known: ['Oslo', 'Rome', 'Cairo'] },
      'weather',
    ]);
  });

  test('an error that is not caught', async () => {
    const result = await run('tools.fail(message="boom")');
    expect(failure(result)).toBe('ToolError: boom');
    expect(result.calls.map(({ status, error }) => [status, error])).toEqual([['failed', 'boom']]);
  });

  test.each([
    ['a string', () => Promise.reject('plain'), 'plain'],
    ['nothing', () => Promise.reject(undefined), 'undefined'],
    ['an error without a message', () => Promise.reject(new RangeError()), 'RangeError'],
    ['a function as the result', () => () => 1, 'tools.odd returned a function cannot be sent to Python.'],
  ])('a tool that throws %s', async (_title, execute, message) => {
    const odd = defineTool({
      name: 'odd',
      description: '',
      input: { type: 'object' },
      execute: execute as () => unknown,
    });
    expect(failure(await fresh({ tools: [odd] }).run('tools.odd()'))).toBe(`ToolError: ${message}`);
  });

  test('a value of the wrong type names the argument, what was expected and what came', async () => {
    expect(failure(await run('tools.weather(city=5)'))).toBe(
      'ToolArgumentError: tools.weather(city=…): city must be a string, got 5 (int)',
    );
  });

  test('list, search and describe', async () => {
    expect(await value('[t["name"] for t in tools.list()][:2]')).toEqual(['weather', 'echo']);
    expect(await value('tools.search("issues of a repository", limit=1)[0]["name"]')).toBe('github.list_issues');
    expect(await value('"celsius" in tools.describe("weather").lower()')).toBe(true);
  });

  test('1,000 calls in a loop', async () => {
    expect(await value('sum(tools.echo(n=n)["n"] for n in range(1000))')).toBe(499_500);
  });
}
