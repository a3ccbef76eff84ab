import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { defineTool } from '@code-mode/core';
import { describe, expect, it } from 'vitest';
import { callsOf, connect, gate, textOf } from '../harness.ts';

// The numbers are those of the faults of ipython_mcp that were found; ours must have none of them. Fault 1, that it did
// not start with the SDK of the day, is in test/stdio.test.ts.

const FAMILIES = { mcp: { families: ['ipython' as const, 'code-mode' as const] } };

/** A client, and a tool that Python waits in until the test lets it go. */
async function connectWithGate() {
  const entered = gate();
  const left = gate();
  const wait = defineTool({
    name: 'wait',
    description: 'Waits.',
    execute: async () => {
      entered.open();
      return await left.opened;
    },
  });
  return { ...(await connect({ ...FAMILIES, tools: [wait] })), entered, left };
}

describe('the faults of ipython_mcp', () => {
  it('2: python_status leaves a busy kernel alone', async () => {
    const { json, entered, left } = await connectWithGate();
    await json('python_exec', { code: 'before = 1' });
    const running = json('python_exec', { code: 'tools.wait()' });
    await entered.opened;
    expect(await json('python_status')).toEqual({
      kernel_id: '_default',
      active: true,
      busy: true,
      all_kernels: ['_default'],
      python_version: expect.stringMatching(/^3\.\d+\.\d+/),
      packages: [],
      variables: [],
      message: 'The kernel is busy, so its variables are not read.',
    });
    left.open();
    expect(await running).toMatchObject({ success: true, result: '"open"' });
    expect(await json('python_status')).toMatchObject({ busy: false, variables: ['before'] });
  });

  it('3: a queued call has its whole time, and never touches the running one', async () => {
    const { json, entered, left } = await connectWithGate();
    const running = json('python_exec', { code: 'tools.wait()' });
    await entered.opened;
    const queued = json('python_exec', { code: '6 * 7', timeout: 2 });
    await sleep(2_100);
    left.open();
    expect(await running).toMatchObject({ success: true, result: '"open"' });
    expect(await queued).toMatchObject({ success: true, result: '42' });
  });

  it('4: python_reset stops a runaway, and an interrupt works meanwhile', async () => {
    const { client, json } = await connect(FAMILIES);
    const started = gate();
    const running = client
      .callTool(
        { name: 'python_exec', arguments: { code: 'print("on", flush=True)\nwhile True:\n    pass', timeout: 300 } },
        { onprogress: () => started.open() },
      )
      .then((reply) => JSON.parse(textOf(reply as never)));
    await started.opened;
    const [reset, interrupt] = await Promise.all([
      json('python_reset', { kernel_id: '_default' }),
      json('python_interrupt'),
    ]);
    expect(reset).toEqual({ success: true, kernel_id: '_default', message: 'Session started (no packages).' });
    expect(interrupt.success).toBe(true);
    expect(await running).toMatchObject({ success: false, stdout: 'on\n' });
    expect(await json('python_exec', { code: '1 + 1' })).toMatchObject({ success: true, result: '2' });
  });

  it('5: code that swallows interrupts is killed, and that is said', async () => {
    const { json } = await connect(FAMILIES);
    const swallows = 'while True:\n    try:\n        while True: pass\n    except KeyboardInterrupt: pass';
    expect(await json('python_exec', { code: swallows, timeout: 1 })).toMatchObject({ success: false });
    expect(await json('python_exec', { code: '6 * 7' })).toMatchObject({ result: '42' });
    const { error, success } = await json('python_exec', { code: 'sum(range(10**14))', timeout: 1 });
    expect([success, error]).toEqual([false, expect.stringContaining('all variables are lost')]);
    expect(await json('python_exec', { code: '6 * 7' })).toMatchObject({
      result: '42',
      message: 'The kernel is new: variables of earlier code are gone.',
    });
  });

  it('6: a kernel that dies is named at once, and replaced', async () => {
    const { json } = await connect(FAMILIES);
    const { error } = await json('python_exec', { code: 'import os\nos._exit(1)', timeout: 300 });
    expect(error).toBe(
      'Kernel _default died: The Python process exited with code 1; all variables are lost. The next code starts a new one.',
    );
    expect(await json('python_exec', { code: '6 * 7' })).toMatchObject({ success: true, result: '42' });
    await json('python_exec', { code: 'exit()' });
    expect(await json('python_exec', { code: '6 * 7' })).toMatchObject({ success: true, result: '42' });
  });

  it('7: figures and other rich output arrive', async () => {
    const { call } = await connect(FAMILIES);
    const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    const code = `import base64
class Figure:
    def _repr_png_(self): return base64.b64decode("${png}")
display(Figure())`;
    const { content } = await call('python_exec', { code });
    expect(content.slice(1)).toEqual([{ type: 'image', data: png, mimeType: 'image/png' }]);
  });

  it('8: what was printed before a time-out comes back', async () => {
    const { json } = await connect(FAMILIES);
    const code = 'import sys, time\nprint("part")\nprint("err", file=sys.stderr)\nkept = 1\ntime.sleep(60)';
    expect(await json('python_exec', { code, timeout: 1 })).toEqual({
      stdout: 'part\n',
      stderr: 'err\n',
      result: null,
      error:
        'Execution timed out: Python computed for more than 1000 ms (timeoutMs). Python was stopped; the variables are kept.',
      kernel_id: '_default',
      success: false,
    });
    expect(await json('python_exec', { code: 'kept' })).toMatchObject({ result: '1' });
  });

  it('9: nothing of the environment is visible', async () => {
    process.env.CODE_MODE_TEST_SECRET = 'of the host';
    const { json } = await connect(FAMILIES);
    const code = 'import os\n"CODE_MODE_TEST_SECRET" in os.environ, "of the host" in str(dict(os.environ))';
    expect((await json('python_exec', { code })).result).toBe('[False, False]');
  });

  it('10: tracebacks have no colours', async () => {
    const { json } = await connect(FAMILIES);
    const { error } = await json('python_exec', { code: '1 / 0' });
    expect(error).toMatch(/^ZeroDivisionError: division by zero\nTraceback \(most recent call last\):\n/);
    expect(stripVTControlCharacters(error)).toBe(error);
  });

  it('11: odd arguments are refused in words, and the server goes on', async () => {
    const { call, json } = await connect(FAMILIES);
    for (const code of [null, ['a'], 7]) {
      const reply = await call('python_exec', { code });
      expect([reply.isError, textOf(reply)]).toEqual([true, expect.stringContaining('code')]);
    }
    expect((await call('python_exec', {})).isError).toBe(true);
    expect(await json('python_exec', { code: '1' })).toMatchObject({ result: '1' });
  });

  it('12: a further argument does no harm', async () => {
    const { json, text } = await connect(FAMILIES);
    expect(await json('python_exec', { code: '1', colour: 'red' })).toMatchObject({ result: '1' });
    expect(await text('run_code', { code: '2', timeout: 5, reason: 'I try it' })).toBe('Result: 2');
  });

  it('13: a program that defines nothing to run is not saved', async () => {
    const { call, json } = await connect(FAMILIES);
    const reply = await call('create_workflow', { name: 'nothing', source: '', description: 'Nothing.' });
    expect([reply.isError, textOf(reply)]).toEqual([true, expect.stringMatching(/^Error: .*run/)]);
    expect(await json('list_workflows')).toEqual([]);
  });

  it('14: a NUL character is told with its line', async () => {
    const { json } = await connect(FAMILIES);
    expect(await json('submit_code', { code: 'a = 1\nb = "\0"' })).toEqual({
      ok: false,
      error: 'Invalid source: line 2 has a NUL character',
    });
  });

  it('15: input() says what to do', async () => {
    const { json } = await connect(FAMILIES);
    const { error, success } = await json('python_exec', { code: 'input("Name? ")' });
    expect([success, error]).toEqual([false, expect.stringMatching(/^\w+: .*input\(\)/)]);
  });

  it('16: packages are checked, ranges included', async () => {
    const { json } = await connect({ ...FAMILIES, deps: { allow: ['six'] } });
    const refusal = async (name: string) => (await json('python_reset', { packages: [name] })).error;
    expect(await refusal('numpy>=1,<2')).toContain('The package numpy is not allowed here');
    expect(await refusal('git+https://example.org/x.git')).toContain('git+https://example.org/x.git');
    expect(await refusal('six; import os')).toContain('six; import os');
  });
});

describe('the behaviour of ipython_mcp', () => {
  it('python_exec: values, output, state, blank code', async () => {
    const { json } = await connect(FAMILIES);
    const code = 'import sys\nprint("out")\nprint("err", file=sys.stderr)\nx = 20\nx + 1';
    expect(await json('python_exec', { code })).toEqual({
      stdout: 'out\n',
      stderr: 'err\n',
      result: '21',
      error: null,
      kernel_id: '_default',
      success: true,
    });
    expect(await json('python_exec', { code: 'x' })).toMatchObject({ result: '20' });
    expect(await json('python_exec', { code: ' \n' })).toMatchObject({ success: true, stdout: '', result: null });
    expect(await json('python_exec', { code: 'def' })).toMatchObject({
      success: false,
      error: expect.stringContaining('SyntaxError'),
    });
  });

  it('each field is cut on its own, and says so', async () => {
    const { json } = await connect(FAMILIES);
    const { stdout, result } = await json('python_exec', { code: 'print("a" * 200_000)\n"b" * 200_000' });
    expect(stdout.slice(-26)).toBe('a\n[stdout truncated at 100KB]'.slice(-26));
    expect(result.slice(-26)).toBe('b\n[result truncated at 100KB]'.slice(-26));
    expect([stdout.length, result.length]).toEqual([102_428, 102_428]);
  });

  it('kernels by id have variables of their own', async () => {
    const { json } = await connect(FAMILIES);
    const { kernel_id } = await json('python_reset');
    expect(kernel_id).toMatch(/^[0-9a-f]{8}$/);
    await json('python_exec', { code: 'x = "mine"', kernel_id });
    expect(await json('python_exec', { code: 'x', kernel_id })).toMatchObject({ result: '"mine"', kernel_id });
    expect((await json('python_exec', { code: 'x' })).error).toContain('NameError');
    expect((await json('python_status', { kernel_id })).all_kernels).toEqual(['_default', kernel_id]);
    await json('python_reset', { kernel_id });
    expect((await json('python_exec', { code: 'x', kernel_id })).error).toContain('NameError');
  });

  it('an unknown kernel is named', async () => {
    const { json } = await connect(FAMILIES);
    expect((await json('python_exec', { code: '1', kernel_id: 'none' })).error).toBe(
      'Kernel none not found. Create it first with python_reset().',
    );
    expect((await json('python_reset', { kernel_id: 'none' })).error).toBe(
      'Kernel none not found. Omit kernel_id to create a new kernel.',
    );
    expect(await json('python_interrupt')).toMatchObject({
      success: false,
      message: 'No active session to interrupt.',
    });
    expect(await json('python_status')).toMatchObject({ active: false, variables: [], packages: [] });
  });

  it('the kernel that was idle for longest makes room for an eleventh', async () => {
    const { json } = await connect(FAMILIES);
    const ids: string[] = [];
    for (let count = 0; count < 10; count++) ids.push((await json('python_reset')).kernel_id);
    const { all_kernels } = await json('python_status');
    expect(all_kernels.toSorted()).toEqual(['_default', ...ids.slice(1)].toSorted());
    // Several at once, too.
    await Promise.all([1, 2, 3].map(() => json('python_reset')));
    expect((await json('python_status')).all_kernels).toHaveLength(10);
  });

  it('submit_code compiles and runs nothing', async () => {
    const { json } = await connect(FAMILIES);
    const check = (code: string) => json('submit_code', { code });
    expect(await check('marker = 1\nawait f()')).toEqual({ ok: true });
    expect(await check('x = 1\ndef f(:\n')).toEqual({ ok: false, error: 'Syntax error at line 2: invalid syntax' });
    expect(await check('x = 1\nreturn x')).toEqual({
      ok: false,
      error: "Syntax error at line 2: 'return' outside function",
    });
    expect(await check(' \n')).toEqual({ ok: false, error: 'Empty submission' });
    expect((await json('python_exec', { code: 'marker' })).error).toContain('NameError');
  });

  it('calls on one kernel are served one after the other', async () => {
    const { client } = await connect(FAMILIES);
    const { json } = callsOf(client);
    const codes = ['n = 1', 'n += 1', 'n *= 10', 'n'];
    const replies = await Promise.all(codes.map((code) => json('python_exec', { code })));
    expect(replies.at(-1)).toMatchObject({ result: '20' });
  });
});
