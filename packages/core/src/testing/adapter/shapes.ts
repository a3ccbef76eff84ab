import { expect, it } from 'vitest';
import { type AdapterContext, add, NO_ARGUMENTS, texts } from './harness.ts';

/** Values that some framework would take for something of its own. */
const LOOKALIKES = [
  { value: 5 },
  { value: { a: 1 }, other: 2 },
  { type: 'text', text: 'hi' },
  { type: 'text', value: 'hi' },
  { type: 'image', image: 'aGk=' },
  { type: 'content', value: [{ type: 'text', text: 'x' }] },
  [{ type: 'text', text: 'a' }],
  { error: true, message: 'not one' },
  { status: 'failed' },
  null,
  '',
];

/** No framework takes a value for something else: what Python returns is data, and so is what a tool returns. */
export function shapeCases({ run }: AdapterContext): void {
  it('gives the application plain JSON, whatever Python returns', async () => {
    const { seen, results, finalText } = await run({ programs: [oddValues, 'None'] });
    for (const result of results) {
      expect(JSON.parse(JSON.stringify(result))).toStrictEqual(result);
      expect(Object.keys(result as object).filter((key) => key === 'type' || key === 'value')).toEqual([]);
    }
    expect(results).toMatchObject([{ status: 'completed' }, { status: 'completed' }]);
    expect(seen[0]?.text).toContain('1180591620717411303424');
    expect(finalText).toBe('done');
  });

  it('takes what a tool returns that JSON has not', async () => {
    const odd = {
      big: 2n ** 70n,
      map: new Map([['k', 1]]),
      nothing: undefined,
      bytes: Uint8Array.of(1, 2),
      nan: Number.NaN,
    };
    const program =
      'r = tools.odd()\n[r["big"] == 2**70, r["map"] == {"k": 1}, r.get("nothing"), r["bytes"] == b"\\1\\2", r["nan"] != r["nan"]]';
    const { seen } = await run({
      programs: [program],
      tools: [{ name: 'odd', description: 'Odd values.', inputSchema: NO_ARGUMENTS, execute: () => odd }],
    });
    expect(seen[0]?.text).toBe('Result: [True, True, None, True, True]');
  });

  it('leaves lookalikes alone, on the way from a tool and on the way to model and application', async () => {
    const tool = {
      ...add,
      name: 'pick',
      inputSchema: { ...add.inputSchema, required: ['a'] },
      execute: ({ a }: { a?: unknown }) => LOOKALIKES[Number(a)],
    };
    const programs = LOOKALIKES.map((_, index) => `import json\nv = tools.pick(a=${index})\nprint(json.dumps(v))\nv`);
    const outcome = await run({ programs, tools: [tool] });
    const printed = texts(outcome).map((text) => JSON.parse(text.split('\n')[0] as string));
    expect(printed).toEqual(LOOKALIKES);
    expect(outcome.results.map((result) => (result as { result?: unknown }).result ?? null)).toEqual(LOOKALIKES);
    expect(texts(outcome)[0]).toBe('{"value": 5}\nResult: {"value": 5}');
    expect(outcome.finalText).toBe('done');
  });

  it('tells of a circular value, from a tool and from Python', async () => {
    const circular: { self?: unknown } = {};
    circular.self = circular;
    const tool = { name: 'loop', description: 'Circles.', inputSchema: NO_ARGUMENTS, execute: () => circular };
    const programs = [
      'try:\n    tools.loop()\nexcept Exception as error:\n    print("refused")',
      'a = []\na.append(a)\na',
    ];
    const outcome = await run({ programs, tools: [tool] });
    expect(texts(outcome)[0]).toBe('refused');
    expect(outcome.results).toMatchObject([{ status: 'completed' }, { status: 'completed' }]);
    expect(JSON.parse(JSON.stringify(outcome.results))).toStrictEqual(outcome.results);
  });

  it('gives the application five million characters, and the model what it can read', async () => {
    const { seen, results } = await run({ programs: ['"x" * 5_000_000'] });
    expect((results[0] as { result: string }).result).toHaveLength(5_000_000);
    expect(seen[0]?.text.length).toBeLessThanOrEqual(20_000);
    expect(seen[0]?.text).toContain('characters cut here; the value is in _; print a part of it');
  });

  it('passes a large result on as an artifact', async () => {
    const { seen, results } = await run({ programs: ['"x" * 5_000'], limits: { resultBytes: 1_000 } });
    expect(seen[0]?.text).toMatch(/artifacts\.load\("runs\/[^"]+\/result"\)/u);
    expect(JSON.stringify(results[0]).length).toBeLessThan(3_000);
  });
}

const oddValues = `
import datetime, decimal
[2**70, float("nan"), float("inf"), b"\\x00\\xff", {1}, datetime.date(2024, 1, 2), decimal.Decimal("0.1"), object, {1: 2}]
`;
