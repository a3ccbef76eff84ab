import { defineTool } from '@code-mode/core';
import { describe, expect, it } from 'vitest';
import { connect, gate, textOf } from '../harness.ts';

// What ipython_mcp does and its users rely on, by the numbers of `reference-items.test.ts`.

const FAMILIES = {
  mcp: { families: ['ipython' as const, 'code-mode' as const] },
  // A machine under load may be slow to take an interrupt; that is no reason to kill.
  limits: { interruptGraceMs: 30_000 },
};
const TIMED_OUT =
  'Execution timed out: Python computed for more than 1000 ms (timeoutMs). Python was stopped; the variables are kept.';

describe('python_exec', () => {
  it('A.2 1-3, 6: value of the last expression, stdout and stderr, each in its field', async () => {
    const { json } = await connect(FAMILIES);
    expect(await json('python_exec', { code: '2 + 2' })).toMatchObject({ result: '4' });
    const code = 'import sys\nprint("out")\nprint("err", file=sys.stderr)\nx = 20\nx + 1';
    expect(await json('python_exec', { code })).toEqual({
      stdout: 'out\n',
      stderr: 'err\n',
      result: '21',
      error: null,
      kernel_id: '_default',
      success: true,
    });
  });

  it('A.2 4, 5: errors have their name and their line', async () => {
    const { json } = await connect(FAMILIES);
    const failure = async (code: string) => (await json('python_exec', { code })).error;
    expect(await failure('x = 1\nif x')).toBe(
      `SyntaxError: expected ':'\n  File "<run-1>", line 2\n    if x\n        ^\nSyntaxError: expected ':'\n`,
    );
    expect(await failure('\n1 / 0')).toMatch(
      /^ZeroDivisionError: division by zero\nTraceback \(most recent call last\):\n {2}File "<run-2>", line 2, in <module>\n/,
    );
  });

  it('A.2 7-10: variables, functions, imports and classes stay', async () => {
    const { json } = await connect(FAMILIES);
    await json('python_exec', { code: 'x = 40' });
    await json('python_exec', { code: 'def add(a, b):\n    return a + b' });
    await json('python_exec', { code: 'import math' });
    await json('python_exec', { code: 'class Point:\n    y = 2' });
    expect(await json('python_exec', { code: 'add(x, Point().y) + math.floor(0.5)' })).toMatchObject({ result: '42' });
  });

  it('A.2 11, 12: what is printed slowly and a late result arrive whole', async () => {
    const { json } = await connect(FAMILIES);
    const code = 'import time\nfor n in range(4):\n    print(n, flush=True)\n    time.sleep(0.2)\n"late"';
    expect(await json('python_exec', { code })).toMatchObject({ stdout: '0\n1\n2\n3\n', result: '"late"' });
  });

  it('A.2 13: run_code leaves out what is not there, python_exec has every field', async () => {
    const { call, json } = await connect(FAMILIES);
    const { structuredContent, ...reply } = await call('run_code', { code: 'None' });
    expect([textOf(reply), structuredContent]).toEqual([
      '(no output)',
      { status: 'completed', stdout: '', stderr: '', calls: [], duration_ms: expect.any(Number) },
    ]);
    const fields = { stdout: '', stderr: '', result: null, error: null, kernel_id: '_default', success: true };
    expect(await json('python_exec', { code: 'None' })).toEqual(fields);
  });

  it('A.2 15, 23: a time-out is said, and the kernel goes on', async () => {
    const { json } = await connect(FAMILIES);
    expect(await json('python_exec', { code: 'import time\ntime.sleep(30)', timeout: 1 })).toMatchObject({
      success: false,
      error: TIMED_OUT,
    });
    expect(await json('python_exec', { code: '21 * 2' })).toMatchObject({ success: true, result: '42' });
  });

  it('A.2 22: code that is blank succeeds, and starts nothing', async () => {
    const { json } = await connect(FAMILIES);
    const fields = { stdout: '', stderr: '', result: null, error: null, kernel_id: '_default', success: true };
    for (const code of ['', ' \n\t']) expect(await json('python_exec', { code })).toEqual(fields);
    expect(await json('python_status')).toMatchObject({ active: false });
  });

  it('A.2 24: a time-out is at most what the operator allows', async () => {
    const { json } = await connect({ ...FAMILIES, limits: { ...FAMILIES.limits, timeoutMs: 1_000 } });
    expect(await json('python_exec', { code: '1', timeout: 9_999 })).toMatchObject({ success: true, result: '1' });
    const endless = { code: 'while True: pass', timeout: 9_999 };
    expect(await json('python_exec', endless)).toMatchObject({ success: false, error: TIMED_OUT });
  });

  it('A.2 26-31: each field is cut on its own and says so, what is short stays as it is', async () => {
    const { json } = await connect(FAMILIES);
    const long = `import sys
print("a" * 200_000)
print("b" * 200_000, file=sys.stderr)
display("d" * 99_000)
"c" * 200_000`;
    const cut = await json('python_exec', { code: long });
    const whole = 100 * 1024;
    expect(cut).toEqual({
      stdout: `${'a'.repeat(whole)}\n[stdout truncated at 100KB]`,
      stderr: `${'b'.repeat(whole)}\n[stderr truncated at 100KB]`,
      result: `"${'c'.repeat(whole - 1)}\n[result truncated at 100KB]`,
      error: null,
      kernel_id: '_default',
      success: true,
      displays: [`'${'d'.repeat(99_000)}'`],
    });
    const { error } = await json('python_exec', { code: 'raise ValueError("e" * 200_000)' });
    expect(error).toMatch(/^ValueError: e+\n\[… 196000 characters are left out …\]\ne+\nTraceback /);
    expect(error.length).toBeLessThan(whole);
    const edge = await json('python_exec', { code: `print("a" * ${whole - 1})` });
    expect(edge.stdout).toBe(`${'a'.repeat(whole - 1)}\n`);
  });

  it('A.2 33: calls on one kernel are served one after the other', async () => {
    const { json } = await connect(FAMILIES);
    const codes = ['n = 1', 'n += 1', 'n *= 10', 'n'];
    const replies = await Promise.all(codes.map((code) => json('python_exec', { code })));
    expect(replies.map(({ result }) => result)).toEqual([null, null, null, '20']);
  });
});

describe('kernels', () => {
  it('A.2 14: a client has one kernel until it is reset', async () => {
    const { json, text } = await connect(FAMILIES);
    await json('python_exec', { code: 'x = 1' });
    // The default kernel of one family is the session of the other.
    expect(await text('run_code', { code: 'x += 1\nx' })).toBe('Result: 2');
    await text('reset_session');
    expect((await json('python_exec', { code: 'x' })).error).toContain("NameError: name 'x' is not defined");
  });

  it('A.2 17, 20: the default one starts by itself, and python_status tells of it', async () => {
    const { json } = await connect(FAMILIES);
    const none = { kernel_id: '_default', active: false, busy: false, all_kernels: ['_default'], python_version: null };
    expect(await json('python_status')).toEqual({ ...none, packages: [], variables: [] });
    await json('python_exec', { code: 'x = 1\ndef f(): pass\nimport math\n"the last value"' });
    const there = { ...none, active: true, python_version: expect.stringMatching(/^3\.\d+\.\d+/), packages: [] };
    expect(await json('python_status')).toEqual({ ...there, variables: ['f', 'math', 'x'] });
    // Looking changes nothing, also where a program has taken the names that the look goes by.
    const taken = 'import io, sys\nsys.stdout = io.StringIO()\nprint = sorted = globals = None\n_';
    expect(await json('python_exec', { code: taken })).toMatchObject({ result: '"the last value"' });
    const variables = ['f', 'globals', 'io', 'math', 'print', 'sorted', 'sys', 'x'];
    expect(await json('python_status')).toEqual({ ...there, variables });
    await json('python_exec', { code: 'import builtins\nbuiltins.print = None' });
    const message = 'The variables could not be read.';
    expect(await json('python_status')).toEqual({ ...there, variables: [], message });
  });

  it('A.2 18, 19: python_reset clears one that there is, and names one that there is not', async () => {
    const { json } = await connect(FAMILIES);
    await json('python_exec', { code: 'x = 1' });
    const kernel_id = '_default';
    const message = 'Session started (no packages).';
    expect(await json('python_reset', { kernel_id })).toEqual({ success: true, kernel_id, message });
    expect((await json('python_exec', { code: 'x' })).error).toContain("NameError: name 'x' is not defined");
    expect(await json('python_reset', { kernel_id: 'none' })).toEqual({
      success: false,
      error: 'Kernel none not found. Omit kernel_id to create a new kernel.',
    });
  });

  it('A.2 21: python_interrupt says what it found', async () => {
    const { json } = await connect(FAMILIES);
    const kernel_id = '_default';
    expect(await json('python_interrupt')).toEqual({
      success: false,
      kernel_id,
      message: 'No active session to interrupt.',
    });
    await json('python_exec', { code: 'x = 1' });
    expect(await json('python_interrupt')).toEqual({
      success: true,
      kernel_id,
      message: 'Nothing was running. Session state preserved.',
    });
    expect(await json('python_exec', { code: 'x' })).toMatchObject({ result: '1' });
  });

  it('A.2 21: python_interrupt stops what runs, and nothing that waits behind it', async () => {
    const { client, json } = await connect(FAMILIES);
    const started = gate();
    const code = 'x = 1\nprint("on", flush=True)\nwhile True: pass';
    const running = client.callTool({ name: 'python_exec', arguments: { code } }, { onprogress: () => started.open() });
    await started.opened;
    const queued = json('python_exec', { code: 'x + 1' });
    expect(await json('python_interrupt')).toMatchObject({
      success: true,
      message: 'Interrupt sent. Session state preserved.',
    });
    expect(JSON.parse(textOf((await running) as never))).toMatchObject({ success: false, stdout: 'on\n' });
    expect(await queued).toMatchObject({ success: true, result: '2' });
  });

  it('A.2 34: each has an id of eight characters and variables of its own', async () => {
    const { json } = await connect(FAMILIES);
    const { kernel_id } = await json('python_reset');
    expect(kernel_id).toMatch(/^[0-9a-f]{8}$/);
    expect(await json('python_status', { kernel_id })).toMatchObject({ kernel_id, active: true, variables: [] });
    await json('python_exec', { code: 'x = "mine"', kernel_id });
    expect(await json('python_exec', { code: 'x', kernel_id })).toMatchObject({ result: '"mine"', kernel_id });
    expect((await json('python_exec', { code: 'x' })).error).toContain("NameError: name 'x' is not defined");
    expect((await json('python_status', { kernel_id })).all_kernels).toEqual(['_default', kernel_id]);
    expect(await json('python_exec', { code: '1', kernel_id: 'none' })).toEqual({
      success: false,
      error: 'Kernel none not found. Create it first with python_reset().',
    });
    expect(await json('python_exec', { code: '1', kernel_id: '' })).toMatchObject({ kernel_id: '_default' });
  });

  it('the one that was idle for longest makes room for an eleventh', async () => {
    const { json } = await connect(FAMILIES);
    const ids: string[] = [];
    for (let count = 0; count < 10; count++) ids.push((await json('python_reset')).kernel_id);
    const { all_kernels } = await json('python_status');
    expect(all_kernels.toSorted()).toEqual(['_default', ...ids.slice(1)].toSorted());
    // Several at once, too.
    await Promise.all([1, 2, 3].map(() => json('python_reset')));
    expect((await json('python_status')).all_kernels).toHaveLength(10);
  });

  it('when all run code, a further one is refused', async () => {
    const left = gate();
    let entered = 0;
    const all = gate();
    const wait = defineTool({
      name: 'wait',
      description: 'Waits.',
      execute: async () => {
        if (++entered === 10) all.open();
        return await left.opened;
      },
    });
    const { json } = await connect({ ...FAMILIES, tools: [wait] });
    const ids = ['_default'];
    for (let count = 0; count < 9; count++) ids.push((await json('python_reset')).kernel_id);
    const runs = ids.map((kernel_id) => json('python_exec', { code: 'tools.wait()', kernel_id }));
    await all.opened;
    expect(await json('python_reset')).toEqual({
      success: false,
      error: 'All 10 kernels run code. Interrupt one with python_interrupt, or wait.',
    });
    left.open();
    expect((await Promise.all(runs)).map(({ result }) => result)).toEqual(ids.map(() => '"open"'));
    expect((await json('python_status')).all_kernels.toSorted()).toEqual(ids.toSorted());
  });
});

describe('submit_code', () => {
  it('A.2 35: compiles, tells the line, and runs nothing', async () => {
    const { json } = await connect(FAMILIES);
    const check = (code: string) => json('submit_code', { code });
    const refused = (error: string) => ({ ok: false, error });
    expect(await check('marker = 1\nawait f()')).toEqual({ ok: true });
    // Each would end otherwise if it ran.
    for (const code of ['1 / 0', 'import os\nos._exit(1)', 'while True: pass'])
      expect(await check(code)).toEqual({ ok: true });
    expect(await check('x = 1\ndef f(:\n')).toEqual(refused('Syntax error at line 2: invalid syntax'));
    expect(await check('x = 1\nreturn x')).toEqual(refused("Syntax error at line 2: 'return' outside function"));
    expect(await check('x = 1\ns = "one\ntwo"')).toEqual(
      refused('Syntax error at line 2: unterminated string literal (detected at line 2)'),
    );
    expect(await check('a = 1\nb = "\0"')).toEqual(refused('Invalid source: line 2 has a NUL character'));
    for (const blank of ['', ' \n']) expect(await check(blank)).toEqual(refused('Empty submission'));
  });
});

describe('what goes wrong is told, and the session goes on', () => {
  it('A.2 32: a tool that there is not', async () => {
    const { call, json } = await connect(FAMILIES);
    await expect(call('python_run')).rejects.toThrow('Tool python_run not found');
    expect(await json('python_exec', { code: '1' })).toMatchObject({ result: '1' });
  });

  it('A.2 37: a function that there is not, arguments that do not fit, a tool that throws', async () => {
    const fails = defineTool({
      name: 'fails',
      description: 'Fails.',
      input: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
      execute: () => {
        throw new Error('out of order');
      },
    });
    const { text } = await connect({ ...FAMILIES, tools: [fails] });
    expect(await text('run_code', { code: 'tools.fials(n=1)' })).toMatch(
      /^Error: ToolNotFoundError: Line 1: Tool 'fials' not found\. .*fails/,
    );
    expect(await text('run_code', { code: 'tools.fails(n="one")' })).toMatch(/^Error: \w+: .*\bn\b/);
    expect(await text('run_code', { code: 'tools.fails(n=1)' })).toMatch(/^Error: ToolError: .*out of order/);
    const mended = 'try:\n    tools.fails(n=1)\nexcept ToolError as error:\n    kept = "out of order" in str(error)';
    expect(await text('run_code', { code: mended })).toBe('(no output)');
    expect(await text('run_code', { code: 'kept' })).toBe('Result: True');
  });

  it('A.2 43: a program with a syntax error is not saved', async () => {
    const { text, json } = await connect(FAMILIES);
    const workflow = { name: 'bad', source: 'def run(:\n    pass', description: 'Bad.' };
    expect(await text('create_workflow', workflow)).toBe(
      "Error: WorkflowError: The workflow 'bad' was not saved. Line 1: invalid syntax.",
    );
    expect(await json('list_workflows')).toEqual([]);
  });
});
