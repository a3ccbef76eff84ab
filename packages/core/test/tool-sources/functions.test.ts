import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { Session } from '../../src/session.ts';
import { fromFunctions } from '../../src/tool-sources/functions.ts';

describe('fromFunctions', () => {
  it('makes a tool of each function, typed by its own schema', async () => {
    const source = fromFunctions(
      {
        price: {
          description: 'Price of an article.',
          input: z.object({ article: z.string().transform((text) => text.length), count: z.int().default(1) }),
          annotations: { readOnly: true },
          execute: ({ article, count }) => {
            expectTypeOf(article).toEqualTypeOf<number>();
            expectTypeOf(count).toEqualTypeOf<number>();
            return article * count;
          },
        },
        now: { description: 'The time.', execute: () => 0 },
        find: {
          description: 'Finds an article.',
          input: { type: 'object', properties: { q: { type: 'string' } } },
          execute: (input) => expectTypeOf(input).toEqualTypeOf<Record<string, unknown>>(),
        },
      },
      { prefix: 'shop', rename: { now: 'time' } },
    );
    await using session = new Session({ tools: [source] });
    expect((await session.tools.list()).map(({ name }) => name)).toEqual(['shop.price', 'shop.time', 'shop.find']);
    expect(await session.tools.call('shop.price', { article: 'abc' })).toBe(3);
  });

  it('refuses what Python cannot call at once', () => {
    expect(() => fromFunctions({ '***': { description: '', execute: () => 0 } })).toThrow(
      "Tool '***': '***' has no letter or digit; rename it to something Python can call.",
    );
  });

  it('is named in the error for a name that is taken', async () => {
    const definition = { price: { description: '', execute: () => 0 } };
    await using session = new Session({
      tools: [fromFunctions(definition), fromFunctions(definition, { name: 'shop' })],
    });
    await expect(session.tools.list()).rejects.toThrow("Two tools are named 'price', from 'functions' and 'shop'");
  });
});
