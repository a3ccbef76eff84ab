import { expect, test } from 'vitest';
import { type ConformanceContext, completed, failure } from './context.ts';

/** Items 1 to 20 of the behaviour list. */
export function runningCases({ run, value }: ConformanceContext): void {
  test('1: the value of an expression', async () => {
    const result = await run('1 + 1');
    const { runId, durationMs, ...rest } = result;
    expect(rest).toEqual({
      status: 'completed',
      result: 2,
      stdout: '',
      stderr: '',
      output: [],
      displays: [],
      calls: [],
    });
    expect(typeof runId).toBe('string');
    expect(durationMs).toBeGreaterThan(0);
  });

  test('2: the value of the last expression', async () => {
    expect(await value('x = 1\nx * 2')).toBe(2);
  });

  test.each([
    ['3: a statement', 'x = 5'],
    ['3: an expression that is None', 'None'],
    ['6: nothing', ''],
    ['6: white space', ' \n\t\n'],
    ['6: a comment', '# nothing to do'],
  ])('%s has no result', async (_title, code) => {
    const result = await run(code);
    expect([result.status, 'result' in result && result.result, result.stdout]).toEqual(['completed', undefined, '']);
  });

  test('4: print', async () => {
    const result = await run('print("hi")');
    expect([result.stdout, completed(result)]).toEqual(['hi\n', undefined]);
  });

  test('5: print and a value', async () => {
    const result = await run('print("a"); 5');
    expect([result.stdout, completed(result)]).toEqual(['a\n', 5]);
  });

  test('7: an exception is a value with its traceback', async () => {
    const result = await run('a = 1\na/0');
    expect(result.status).toBe('failed');
    if (result.status !== 'failed') return;
    expect([result.error.name, result.error.message, result.error.line]).toEqual([
      'ZeroDivisionError',
      'division by zero',
      2,
    ]);
    const lines = result.error.traceback.trimEnd().split('\n');
    expect(lines[0]).toBe('Traceback (most recent call last):');
    expect(lines[1]).toMatch(/^ {2}File "<run-\d+>", line 2, in <module>$/);
    expect(lines[2]).toBe('    a/0');
    expect(lines.at(-1)).toBe('ZeroDivisionError: division by zero');
  });

  test('8: a syntax error, and the session goes on', async () => {
    expect(failure(await run('def f(:'))).toBe('SyntaxError: invalid syntax');
    expect(await value('1')).toBe(1);
  });

  test.each([
    ['import nosuch', "ModuleNotFoundError: No module named 'nosuch'"],
    ['"x".nope', "AttributeError: 'str' object has no attribute 'nope'"],
    // Far from every name that Python knows: newer ones say what may be meant.
    ['unheard_of_name', "NameError: name 'unheard_of_name' is not defined"],
  ])('9: %s', async (code, message) => {
    expect(failure(await run(code))).toBe(message);
  });

  test('10: a traceback names the functions and none of ours', async () => {
    const result = await run('def outer():\n    def inner():\n        raise ValueError("deep")\n    inner()\nouter()');
    const traceback = result.status === 'failed' ? result.error.traceback : '';
    expect(traceback.match(/in \S+$/gm)).toEqual(['in <module>', 'in outer', 'in inner']);
    expect(traceback.includes('code_mode_kernel')).toBe(false);
  });

  test('11: output before an error is kept', async () => {
    const result = await run('print("partial")\n1/0');
    expect([result.status, result.stdout]).toEqual(['failed', 'partial\n']);
  });

  test('12: variables, imports, functions and classes persist', async () => {
    await value('import math as m12\nv12 = [1]\ndef f12(): return v12\nclass C12:\n    x = 3');
    await value('v12.append(m12.floor(2.5))');
    expect(await value('[f12(), C12().x]')).toEqual([[1, 2], 3]);
  });

  test('13: an error keeps what came before it', async () => {
    await run('v13 = 1\nv13 = 2\n1/0\nv13 = 3');
    expect(await value('v13')).toBe(2);
  });

  test('14: Unicode round-trips', async () => {
    const result = await run('s = "Grüße, 世界 🌍"\nprint(s)\ns');
    expect([result.stdout, completed(result)]).toEqual(['Grüße, 世界 🌍\n', 'Grüße, 世界 🌍']);
  });

  test('14: a NUL byte in the source is an error, not a crash', async () => {
    const result = await run('x = 1\0');
    expect([result.status, result.status === 'failed' && result.error.name]).toEqual(['failed', 'SyntaxError']);
    expect(await value('1')).toBe(1);
  });

  test('15: 10,000 lines', async () => {
    expect(await value(`${Array.from({ length: 10_000 }, (_, n) => `x15 = ${n}`).join('\n')}\nx15`)).toBe(9_999);
  });

  test('16: await, async for and async with at the top level', async () => {
    const code = `
import asyncio
class Context:
    async def __aenter__(self): return "in"
    async def __aexit__(self, *error): pass
async def numbers():
    for n in range(3):
        await asyncio.sleep(0)
        yield n
found = []
async with Context() as value:
    found.append(value)
async for n in numbers():
    found.append(n)
found + [n async for n in numbers()] + [await asyncio.sleep(0, "done")]`;
    expect(await value(code)).toEqual(['in', 0, 1, 2, 0, 1, 2, 'done']);
  });

  test.each([
    ['"x" * 10', 'xxxxxxxxxx'],
    ['[1, "a", None, True, 1.5, {"k": [2]}]', [1, 'a', null, true, 1.5, { k: [2] }]],
    ['(1, 2)', [1, 2]],
    ['b"\\x00\\xff"', { $bytes: 'AP8=' }],
    ['2**100', { $int: '1267650600228229401496703205376' }],
    ['{1: "a", None: "b"}', { 1: 'a', null: 'b' }],
    ['{3, 1, 2}', { $set: [1, 2, 3] }],
  ])('17: %s comes back as data', async (code, result) => {
    expect(await value(code)).toEqual(result);
  });

  test('17: a long list is complete', async () => {
    expect(await value('list(range(100_000))')).toEqual(Array.from({ length: 100_000 }, (_, n) => n));
  });

  test.each([1_000_000, 16_000_000])('17: a text of %i characters', async (length) => {
    expect(((await value(`"x" * ${length}`)) as string).length).toBe(length);
  });

  test('18: an object is described', async () => {
    const result = (await value('class Thing: pass\nThing()')) as { $object: { type: string; repr: string } };
    expect(result.$object.type).toBe('Thing');
    expect(result.$object.repr).toMatch(/^<__main__\.Thing object at 0x[0-9a-f]+>$/);
  });

  test('18: NaN and infinities', async () => {
    expect(await value('[float("nan"), float("inf"), -float("inf")]')).toEqual([
      { $float: 'NaN' },
      { $float: 'Infinity' },
      { $float: '-Infinity' },
    ]);
  });

  test('20: input() says what to do instead', async () => {
    expect(failure(await run('input("x")'))).toBe(
      'RuntimeError: input() cannot be used: nobody is at the keyboard. Put the value in the code, or call a tool.',
    );
  });

  test('30: SystemExit ends the run, not the session', async () => {
    await value('v30 = 1');
    expect(failure(await run('raise SystemExit(3)'))).toBe(
      'SystemExit: The code stopped by exit(3). The session and its variables are still there.',
    );
    expect(await value('v30')).toBe(1);
  });
}
