import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTool } from '../../src/tool-sources/function.ts';
import type { Tool } from '../../src/tool-sources/tool.ts';
import { formatArgumentError, validateArguments } from '../../src/tool-sources/validate-arguments.ts';

async function refusal(tool: Tool, input: unknown): Promise<string> {
  const result = await validateArguments(tool, input);
  return result.ok
    ? `accepted ${JSON.stringify(result.input)}`
    : formatArgumentError(`tools.${tool.name}`, result.issues);
}

const filter = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('range'), min: z.int() }),
  z.object({ kind: z.literal('text'), text: z.string() }),
]);
const zodTool = defineTool({
  name: 'weather',
  description: '',
  input: z.object({
    city: z.string().min(1),
    days: z.int().min(1).default(3),
    unit: z.enum(['C', 'F']).optional(),
    from: z.iso.date().nullish(),
    filters: z.array(filter).optional(),
  }),
  execute: () => 0,
});
// The same schema without zod's own validation.
const { validate: _, ...jsonTool } = zodTool;

describe.each([
  ['a Standard Schema', zodTool],
  ['a JSON Schema', jsonTool],
])('with %s', (_name, tool) => {
  it.each([
    [{}, 'tools.weather(…): missing argument city (non-empty string)'],
    [{ city: '' }, 'tools.weather(city=…): city must be a non-empty string, got "" (str)'],
    [{ city: 'Oslo', days: 'three' }, 'tools.weather(days=…): days must be an integer >= 1, got "three" (str)'],
    [{ city: 'Oslo', days: 0 }, 'tools.weather(days=…): days must be an integer >= 1, got 0 (int)'],
    [{ city: 'Oslo', days: 1.5 }, 'tools.weather(days=…): days must be an integer >= 1, got 1.5 (float)'],
    [{ city: true }, 'tools.weather(city=…): city must be a non-empty string, got True (bool)'],
    [{ city: null }, 'tools.weather(city=…): city must be a non-empty string, got None'],
    [{ city: 'Oslo', unit: 'K' }, 'tools.weather(unit=…): unit must be "C" or "F", got "K" (str)'],
    [{ city: 'Oslo', from: 5 }, 'tools.weather(from_=…): from_ must be a string in date format or None, got 5 (int)'],
    [
      { city: 'Oslo', filters: [{ kind: 'range', min: 'a' }] },
      'tools.weather(filters=…): filters[0]["min"] must be an integer, got "a" (str)',
    ],
    [{ city: 'Oslo', filters: [{ kind: 'text' }] }, 'tools.weather(filters=…): filters[0]["text"] is missing'],
    [
      { city: 'Oslo', filters: [{ kind: 'x' }] },
      'tools.weather(filters=…): filters[0]["kind"] must be "range" or "text", got "x" (str)',
    ],
    [
      { city: 'Oslo', dayz: 1 },
      'tools.weather(…): unknown argument dayz, did you mean days? It takes: city, days, unit, from_, filters.',
    ],
    [
      JSON.parse('{"city":"Oslo","__proto__":{"a":1}}'),
      'tools.weather(…): unknown argument __proto__. It takes: city, days, unit, from_, filters.',
    ],
    ['Oslo', 'tools.weather(…): takes named arguments'],
  ])('explains %j', async (input, message) => {
    expect(await refusal(tool, input)).toBe(message);
  });

  it('leaves out None for what is optional and cannot be null', async () => {
    expect(await validateArguments(tool, { city: 'Oslo', days: 2, unit: null, from: null })).toEqual({
      ok: true,
      input: { city: 'Oslo', days: 2, from: null },
    });
  });
});

it('gives the tool what zod made of the input, defaults included', async () => {
  expect(await refusal(zodTool, { city: 'Oslo' })).toBe('accepted {"city":"Oslo","days":3}');
  expect(await refusal(jsonTool, { city: 'Oslo' })).toBe('accepted {"city":"Oslo"}');
});

it("keeps a schema library's words where JSON Schema has none", async () => {
  const tool = defineTool({
    name: 't',
    description: '',
    input: z.object({ a: z.string().refine((text) => text !== 'no', 'is a forbidden word') }),
    execute: () => 0,
  });
  expect(await refusal(tool, { a: 'no' })).toBe('tools.t(a=…): a is a forbidden word');
});

describe('a JSON Schema', () => {
  const tool = (inputSchema: object, name = 't'): Tool => ({
    name,
    description: '',
    inputSchema: { type: 'object', ...inputSchema },
    annotations: {},
    execute: () => 0,
  });

  it('lets other arguments in where it says so, but none that reaches a prototype', async () => {
    const open = tool({ properties: { constructor: { type: 'string' } }, additionalProperties: true });
    expect(await refusal(open, { other: 1, constructor: 'Ferrari' })).toBe(
      'accepted {"other":1,"constructor":"Ferrari"}',
    );
    expect(await refusal(open, { prototype: 1 })).toBe(
      'tools.t(…): unknown argument prototype. It takes: constructor.',
    );
  });

  it('shortens long values and lists five issues', async () => {
    const properties = Object.fromEntries('abcdefg'.split('').map((name) => [name, { type: 'integer' }]));
    const input = {
      a: 'x'.repeat(500),
      b: Array.from({ length: 300 }, (_, i) => i),
      c: {},
      d: null,
      e: '1',
      f: '1',
      g: '1',
    };
    const { ok, ...rest } = await validateArguments(tool({ properties, required: Object.keys(properties) }), input);
    expect(ok).toBe(false);
    expect(formatArgumentError('tools.t', 'issues' in rest ? rest.issues : [])).toBe(
      [
        `tools.t(a=…): a must be an integer, got "${'x'.repeat(50)}"… (str of 500 characters)`,
        'tools.t(b=…): b must be an integer, got [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 1… (list of 300 items)',
        'tools.t(c=…): c must be an integer, got {} (dict)',
        'tools.t(d=…): d must be an integer, got None',
        'tools.t(e=…): e must be an integer, got "1" (str)',
        'and 2 more',
      ].join('\n'),
    );
  });

  it('reads draft-07 and 2020-12, and two schemas with one $id', async () => {
    const pair = { type: 'array', items: [{ type: 'string' }, { type: 'integer' }] };
    const old = tool({
      $id: 'https://schemas.test/t',
      $schema: 'http://json-schema.org/draft-07/schema#',
      properties: { pair },
    });
    const now = tool({
      $id: 'https://schemas.test/t',
      properties: { pair: { type: 'array', prefixItems: pair.items } },
    });
    for (const one of [old, now]) {
      expect(await refusal(one, { pair: ['a', 'b'] })).toBe(
        'tools.t(pair=…): pair[1] must be an integer, got "b" (str)',
      );
    }
  });

  it('leaves patterns it cannot read to the tool', async () => {
    const pattern = tool({
      properties: { a: { type: 'string', pattern: '(?P<name>x)' }, b: { type: 'string', pattern: '^[a-z]+$' } },
    });
    expect(await refusal(pattern, { a: 'y' })).toBe('accepted {"a":"y"}');
    expect(await refusal(pattern, { b: '1' })).toBe(
      'tools.t(b=…): b must be a string matching "^[a-z]+$", got "1" (str)',
    );
  });

  it('names the tool whose schema is broken', async () => {
    await expect(validateArguments(tool({ properties: { a: { type: 'strnig' } } }), { a: 1 })).rejects.toMatchObject({
      code: 'invalid_options',
      message: expect.stringMatching(
        /^Tool 't': its input schema is no valid JSON Schema \(.+\); correct it where the tool is defined\.$/u,
      ),
    });
  });

  it('reports one issue of a huge value', async () => {
    const result = await validateArguments(tool({ properties: { a: { type: 'array', items: { type: 'string' } } } }), {
      a: Array(50_000).fill(1),
    });
    expect(result).toEqual({ ok: false, issues: [{ path: ['a', 0], expected: 'string', received: 1 }] });
  });
});
