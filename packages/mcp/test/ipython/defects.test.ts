import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { defineTool } from '@code-mode/core';
import type { Client } from '@modelcontextprotocol/client';
import { describe, expect, it } from 'vitest';
import { connect, gate, textOf } from '../harness.ts';

// The faults of ipython_mcp, by the numbers of `reference-items.test.ts`; ours must have none of them. Fault 1, that it
// did not start with the SDK of the day, is in test/stdio.test.ts.

// Before Python starts, as it is for a user.
process.env.CODE_MODE_TEST_SECRET = 'of the host';

const FAMILIES = {
  mcp: { families: ['ipython' as const, 'code-mode' as const] },
  // A machine under load may be slow to take an interrupt; that is no reason to kill.
  limits: { interruptGraceMs: 30_000 },
};

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

/** Begins code that prints, and tells when it has. */
function begin(client: Client, code: string) {
  const started = gate();
  const running = client
    .callTool({ name: 'python_exec', arguments: { code, timeout: 300 } }, { onprogress: () => started.open() })
    .then((reply) => JSON.parse(textOf(reply as never)));
  return { running, started: started.opened };
}

describe('the faults of ipython_mcp', () => {
  it('A.3 2: python_status leaves a busy kernel alone', async () => {
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

  it('A.3 3: a queued call has its whole time, and never touches the running one', async () => {
    const { json, entered, left } = await connectWithGate();
    const running = json('python_exec', { code: 'tools.wait()' });
    await entered.opened;
    const queued = json('python_exec', { code: '6 * 7', timeout: 2 });
    await sleep(2_100);
    left.open();
    expect(await running).toMatchObject({ success: true, result: '"open"' });
    expect(await queued).toMatchObject({ success: true, result: '42' });
  });

  it('A.3 3: a queued call that is cancelled never touches the running one, and never runs', async () => {
    const { client, json, entered, left } = await connectWithGate();
    const running = json('python_exec', { code: 'tools.wait()' });
    await entered.opened;
    const stop = new AbortController();
    const queued = client.callTool(
      { name: 'python_exec', arguments: { code: 'ran = True', timeout: 2 } },
      { signal: stop.signal },
    );
    const cancelled = expect(queued).rejects.toThrow();
    stop.abort();
    await cancelled;
    left.open();
    expect(await running).toMatchObject({ success: true, result: '"open"', error: null });
    expect((await json('python_exec', { code: 'ran' })).error).toContain("NameError: name 'ran' is not defined");
  });

  it('A.3 4: python_reset stops a runaway, and an interrupt works meanwhile', async () => {
    const { client, json } = await connect(FAMILIES);
    const { running, started } = begin(client, 'print("on", flush=True)\nwhile True:\n    pass');
    await started;
    const [reset, interrupt] = await Promise.all([
      json('python_reset', { kernel_id: '_default' }),
      json('python_interrupt'),
    ]);
    expect(reset).toEqual({ success: true, kernel_id: '_default', message: 'Session started (no packages).' });
    expect(interrupt.success).toBe(true);
    expect(await running).toMatchObject({ success: false, stdout: 'on\n' });
    expect(await json('python_exec', { code: '1 + 1' })).toMatchObject({ success: true, result: '2' });
  });

  it('A.3 4: an interrupt works while a reset waits', async () => {
    const asked = gate();
    const answered = gate();
    const { client, json } = await connect(
      { ...FAMILIES, policy: 'ask-writes' },
      { capabilities: { elicitation: { form: {} } } },
      (each) => {
        each.setRequestHandler('elicitation/create', async () => {
          asked.open();
          await answered.opened;
          return { action: 'decline' };
        });
      },
    );
    const { running, started } = begin(client, 'kept = 1\nprint("on", flush=True)\nwhile True: pass');
    await started;
    const reset = json('python_reset', { kernel_id: '_default', packages: ['six'] });
    await asked.opened;
    expect(await json('python_interrupt')).toMatchObject({
      success: true,
      message: 'Interrupt sent. Session state preserved.',
    });
    expect(await running).toMatchObject({ success: false, stdout: 'on\n' });
    answered.open();
    expect(await reset).toMatchObject({ success: false, error: expect.stringContaining('did not approve') });
    expect(await json('python_exec', { code: 'kept' })).toMatchObject({ result: '1' });
  });

  it('A.3 5: what is said of the variables is so, also for code that swallows interrupts', async () => {
    const { json } = await connect({ ...FAMILIES, limits: {} });
    const swallows = 'kept = 1\nwhile True:\n    try:\n        while True: pass\n    except BaseException: pass';
    const { error } = await json('python_exec', { code: swallows, timeout: 1 });
    const [, said] = /^Execution timed out: .*(the variables are kept|all variables are lost)\.$/.exec(error) ?? [
      error,
    ];
    const there = said === 'the variables are kept' ? 'True' : 'False';
    expect(await json('python_exec', { code: '"kept" in globals()' })).toMatchObject({ success: true, result: there });
    const ignores = 'import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass';
    expect(await json('python_exec', { code: ignores, timeout: 1 })).toMatchObject({
      success: false,
      error: expect.stringMatching(/^Execution timed out: .*was killed; all variables are lost\.$/),
    });
    const after = await json('python_exec', { code: '"kept" in globals()' });
    expect([after.result, after.message]).toEqual(['False', 'The kernel is new: variables of earlier code are gone.']);
  });

  it('A.3 6: a kernel that dies is named at once, and replaced', async () => {
    const { json } = await connect(FAMILIES);
    const message = 'The kernel is new: variables of earlier code are gone.';
    for (const [code, how] of [
      ['import os\nos._exit(1)', 'exited with code 1'],
      [
        'import os, signal\nos.kill(os.getpid(), signal.SIGKILL)',
        'was ended by SIGKILL (out of memory, a CPU limit, or killed from outside)',
      ],
      // Another thread ends it, while the code would go on for ever.
      ['import os, threading\nthreading.Timer(0.2, os._exit, [3]).start()\nwhile True: pass', 'exited with code 3'],
    ]) {
      expect((await json('python_exec', { code, timeout: 300 })).error).toBe(
        `Kernel _default died: The Python process ${how}; all variables are lost. The next code starts a new one.`,
      );
      expect(await json('python_exec', { code: '6 * 7' })).toMatchObject({ success: true, result: '42', message });
    }
  });

  it('A.3 6: exit() ends the run and not the kernel', async () => {
    const { json } = await connect(FAMILIES);
    const fields = { stdout: 'a\n', stderr: '', result: null, error: null, kernel_id: '_default', success: true };
    expect(await json('python_exec', { code: 'x = 1\nprint("a")\nexit()\nprint("b")' })).toEqual(fields);
    expect(await json('python_exec', { code: 'x' })).toEqual({ ...fields, stdout: '', result: '1' });
  });

  it('A.3 7: figures and other rich output arrive', async () => {
    const { call, json } = await connect(FAMILIES);
    const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    const code = `import base64
class Figure:
    def _repr_png_(self): return base64.b64decode("${png}")
class Page:
    def _repr_html_(self): return "<b>bold</b>"
display(42, Figure(), Page())
Figure()`;
    const { content, structuredContent } = await call('python_exec', { code });
    const image = { type: 'image', data: png, mimeType: 'image/png' };
    expect(content.slice(1)).toEqual([image, image]);
    const fields = {
      result: '[image/png 1x1 shown]',
      displays: ['42', '[image/png 1x1 shown]', '<b>bold</b>'],
    };
    expect(JSON.parse(textOf({ content }))).toMatchObject(fields);
    expect(structuredContent).toMatchObject(fields);
    expect(await json('python_exec', { code: 'Page()' })).toMatchObject({ result: '<b>bold</b>' });
    const reply = await call('run_code', { code: 'display(42, Page())\n1' });
    expect(textOf(reply)).toBe('42\n<b>bold</b>\nResult: 1');
    expect(reply.structuredContent).toMatchObject({ displays: ['42', '<b>bold</b>'], result: 1 });
  });

  it('A.3 8: what was printed before a time-out comes back', async () => {
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

  it('A.3 9: nothing of the environment is visible', async () => {
    const { json } = await connect(FAMILIES);
    const code = `import os, subprocess
try:
    with open("/proc/self/environ") as file: own = file.read()
except OSError:
    own = ""
seen = [str(dict(os.environ)), own, subprocess.run(["env"], capture_output=True, text=True, check=True).stdout]
["HOME" in seen[0], "HOME" in seen[2], any("CODE_MODE_TEST_SECRET" in each or "of the host" in each for each in seen)]`;
    expect(await json('python_exec', { code })).toMatchObject({ error: null, result: '[True, True, False]' });
  });

  it('A.3 10: tracebacks have no colours', async () => {
    const { json } = await connect(FAMILIES);
    const { error } = await json('python_exec', { code: '1 / 0' });
    expect(error).toMatch(/^ZeroDivisionError: division by zero\nTraceback \(most recent call last\):\n/);
    expect(stripVTControlCharacters(error)).toBe(error);
  });

  it('A.3 11: odd arguments are refused in words, and the server goes on', async () => {
    const { call, json } = await connect(FAMILIES);
    for (const code of [null, ['a'], 7]) {
      const reply = await call('python_exec', { code });
      expect([reply.isError, textOf(reply)]).toEqual([true, expect.stringContaining('code')]);
    }
    expect((await call('python_exec', {})).isError).toBe(true);
    expect(await json('python_exec', { code: '1' })).toMatchObject({ result: '1' });
  });

  it('A.3 12: a further argument does no harm', async () => {
    const { json, text } = await connect(FAMILIES);
    expect(await json('python_exec', { code: '1', colour: 'red' })).toMatchObject({ result: '1' });
    expect(await text('run_code', { code: '2', timeout: 5, reason: 'I try it' })).toBe('Result: 2');
  });

  it('A.3 13: what is saved has something to run, and nothing of the session that it was tried in', async () => {
    const { text, json } = await connect(FAMILIES);
    const save = (source: string) => text('create_workflow', { name: 'one', source, description: 'One.' });
    for (const source of ['', 'x = 1\n'])
      expect(await save(source)).toBe(
        "Error: WorkflowError: The workflow 'one' was not saved. The source has no function `run` at its top level. Define `def run(...)` or `async def run(...)`; its parameters are those of the workflow.",
      );
    expect(await json('list_workflows')).toEqual([]);
    await save('def run() -> int:\n    return of_the_session\n');
    expect(await text('run_code', { code: 'of_the_session = 1\nworkflows.invoke("one")' })).toMatch(
      /^Error: NameError: name 'of_the_session' is not defined/,
    );
  });

  it('A.3 14: a NUL character is told with its line', async () => {
    const { json } = await connect(FAMILIES);
    expect(await json('submit_code', { code: 'a = 1\nb = "\0"' })).toEqual({
      ok: false,
      error: 'Invalid source: line 2 has a NUL character',
    });
  });

  it('A.2 25, A.3 15: input() fails at once and says what to do', async () => {
    const { json } = await connect(FAMILIES);
    const { error, success } = await json('python_exec', { code: 'input("Name? ")' });
    const said =
      'RuntimeError: input() cannot be used: nobody is at the keyboard. Put the value in the code, or call a tool.';
    expect([success, error.split('\n')[0]]).toEqual([false, said]);
    expect(await json('python_exec', { code: 'import sys\nsys.stdin.read()' })).toMatchObject({ result: '""' });
  });

  it('A.3 16: packages are checked, ranges included', async () => {
    const { json } = await connect({ ...FAMILIES, deps: { allow: ['six'] } });
    const refusal = async (name: string) => (await json('python_reset', { packages: [name] })).error;
    expect(await refusal('numpy>=1,<2')).toContain('The package numpy is not allowed here');
    expect(await refusal('git+https://example.org/x.git')).toBe(
      'NamespaceError: Not a requirement: "git+https://example.org/x.git": URLs are not taken, only packages of the index.',
    );
    expect(await refusal('six; import os')).toBe(
      'NamespaceError: Not a requirement: "six; import os": the marker behind ";" is not one: "import os".',
    );
    expect(await json('list_deps')).toEqual([]);
  });
});
