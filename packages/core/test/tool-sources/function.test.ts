import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { defineTool } from '../../src/tool-sources/function.ts';
import type { AiSdkSchema } from '../../src/tool-sources/standard-schema.ts';
import type { Tool, ToolContext } from '../../src/tool-sources/tool.ts';

const context: ToolContext = { sessionId: 's', toolName: 'weather', signal: new AbortController().signal };

describe('defineTool', () => {
  it('makes a tool of a zod schema and gives execute what the schema makes of the input', async () => {
    const weather = defineTool({
      name: 'weather',
      description: 'Forecast for a city.',
      input: z.object({ city: z.string().transform((city) => city.length), days: z.int().min(1).default(3) }),
      annotations: { readOnly: true },
      execute: ({ city, days }) => {
        expectTypeOf(city).toEqualTypeOf<number>();
        expectTypeOf(days).toEqualTypeOf<number>();
        return city * days;
      },
    });
    expectTypeOf(weather).toEqualTypeOf<Tool>();
    expect(weather.inputSchema).toMatchObject({ type: 'object', required: ['city'] });
    expect(weather.annotations).toEqual({ readOnly: true });
    const checked = await weather.validate?.({ city: 'Oslo' });
    expect(checked).toEqual({ ok: true, input: { city: 4, days: 3 } });
    expect(weather.execute({ city: 4, days: 3 }, context)).toBe(12);
  });

  it('types the input of a plain JSON Schema as a record, or as asked', () => {
    const input = { type: 'object', properties: { q: { type: 'string' } } };
    defineTool({
      name: 'a',
      description: '',
      input,
      execute: (args) => expectTypeOf(args).toEqualTypeOf<Record<string, unknown>>(),
    });
    defineTool<{ q?: string }>({
      name: 'b',
      description: '',
      input,
      needsApproval: ({ q }) => q === undefined,
      execute: (args, { signal }) => {
        expectTypeOf(args).toEqualTypeOf<{ q?: string }>();
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      },
    });
  });

  it('takes AI SDK schemas, lazy ones too, with their types and their validation', async () => {
    const schema = {
      [Symbol.for('vercel.ai.schema')]: true,
      _type: undefined as unknown as { n: number },
      jsonSchema: { type: 'object', properties: { n: { type: 'number' } } },
      validate: (value: unknown) =>
        typeof (value as { n: unknown }).n === 'number'
          ? { success: true as const, value: value as { n: number } }
          : { success: false as const, error: new Error('n is no number') },
    } satisfies AiSdkSchema<{ n: number }> & { [key: symbol]: unknown };
    const tool = defineTool({
      name: 'a',
      description: '',
      input: schema,
      execute: ({ n }) => expectTypeOf(n).toEqualTypeOf<number>(),
    });
    expect(await tool.validate?.({ n: 'x' })).toEqual({
      ok: false,
      issues: [{ path: [], expected: '', message: 'n is no number' }],
    });
    const lazy = defineTool({ name: 'b', description: '', input: (() => schema) as never, execute: () => 1 });
    expect(lazy.inputSchema).toEqual(schema.jsonSchema);
  });

  it('takes no arguments without a schema', () => {
    const now = defineTool({ name: 'now', description: 'The time.', execute: () => 0 });
    expect(now.inputSchema).toEqual({ type: 'object', properties: {}, additionalProperties: false });
  });

  it('turns needsApproval into a function, and leaves it out when nobody has to be asked', () => {
    const define = (needsApproval: boolean) =>
      defineTool({ name: 'a', description: '', needsApproval, execute: () => 0 });
    expect(define(true).needsApproval?.({}, context)).toBe(true);
    expect(define(false).needsApproval).toBeUndefined();
  });

  it.each([
    [
      z.string(),
      "Tool 'bad': its input schema describes type 'string', but Python passes named arguments; wrap it in an object schema.",
    ],
    [
      z.object({ at: z.date() }),
      "Tool 'bad': its input schema cannot become a JSON Schema (Date cannot be represented in JSON Schema); use types that JSON has, or pass a JSON Schema.",
    ],
    [
      { '~standard': { version: 1, vendor: 'valibot', validate: () => ({ value: 1 }) } },
      "Tool 'bad': its input schema (valibot) cannot turn itself into a JSON Schema; use zod 4.2 or newer (not zod/mini) or another library with Standard JSON Schema, or pass a JSON Schema.",
    ],
    [
      { [Symbol.for('vercel.ai.schema')]: true, jsonSchema: Promise.resolve({}) },
      "Tool 'bad': its input schema loads asynchronously; pass `await schema.jsonSchema` instead.",
    ],
    [
      'object',
      "Tool 'bad': its input schema is string; pass a Standard Schema such as zod's, or a JSON Schema object.",
    ],
    [
      { properties: { 'a-b': {}, a_b: {} } },
      "Tool 'bad': its parameters 'a-b' and 'a_b' are both `a_b` in Python; rename one of them in its input schema.",
    ],
  ])('refuses a schema it cannot offer to Python (%#)', (input, message) => {
    expect(() => defineTool({ name: 'bad', description: '', input: input as never, execute: () => 0 })).toThrow(
      expect.objectContaining({ code: 'invalid_options', message }),
    );
  });
});
