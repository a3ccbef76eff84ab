import { expect, test } from 'vitest';
import type { Run } from '../../run.ts';
import type { Session } from '../../session.ts';
import type { SessionOptions } from '../../session-options.ts';
import { defineTool } from '../../tool-sources/function.ts';
import { sampleTools } from '../sample-tools.ts';
import { type ConformanceContext, completed } from './context.ts';

const TOOLS = 10;

/**
 * Every way we know to reach a tool from Python. Each makes ten calls, one for each of ten gated tools, and counts in
 * `denied` those that were refused.
 */
const WAYS: Record<string, string> = {
  'a loop over getattr': 'for n in range(10): attempt(getattr(tools, f"danger_{n}"))',
  'names looked up': 'for n in range(10): attempt(tools[f"danger_{n}"])',
  'a computed path': 'for n in range(10): attempt(getattr(getattr(tools, "dan" + "ger_" + str(n)), "__call__"))',
  partial:
    'import functools\nfor n in range(10): attempt(functools.partial(getattr(tools, f"danger_{n}"), target="x"), {})',
  'copies and aliases':
    'import copy\nfor n in range(10):\n    t = copy.deepcopy(copy.copy(getattr(tools, f"danger_{n}")))\n    attempt(t)',
  'an alias put over a tool that asks for nothing':
    'for n in range(10):\n    tools.__dict__["echo"] = getattr(tools, f"danger_{n}")\n    attempt(tools.echo)',
  threads: `import threading
threads = [threading.Thread(target=attempt, args=(getattr(tools, f"danger_{n}"),)) for n in range(10)]
for t in threads: t.start()
for t in threads: t.join()`,
  'a pool': `from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(10) as pool: list(pool.map(lambda n: attempt(getattr(tools, f"danger_{n}")), range(10)))`,
  gather: `import asyncio
results = await asyncio.gather(*(getattr(tools, f"danger_{n}").aio(target="x") for n in range(10)), return_exceptions=True)
denied += sum(isinstance(r, PermissionError) for r in results)`,
  'a task group': `import asyncio
async def one(n):
    global denied
    try: await getattr(tools, f"danger_{n}").aio(target="x")
    except PermissionError: denied += 1
await asyncio.gather(*(asyncio.create_task(one(n)) for n in range(10)))`,
  'a workflow': 'denied += workflows.all_of_them()',
  'the channel below the tools': `import sys
attachment = sys.modules["code_mode_kernel.values"].Attachment
channel = tools.__dict__["_calls"]
for n in range(10):
    attempt(lambda **_: channel.call("tools", "call", f"danger_{n}", {"target": "x"}, attachment()))`,
};

const WORKFLOW = `
def run() -> int:
    denied = 0
    for n in range(10):
        try:
            getattr(tools, f"danger_{n}")(target="x")
        except PermissionError:
            denied += 1
    return denied
`;

/** Frames that the kernel does not know of: nobody waits for their answers. */
const RAW_FRAMES = `
channel = tools.__dict__["_calls"]
run_id = channel._ownership.run_id()
for n in range(10):
    channel._connection.send({"type": "call-start", "runId": run_id, "callId": 1000 + n, "namespace": "tools",
        "function": "call", "name": f"danger_{n}", "arguments": {"target": "x"}, "cpuMs": 0}, ())
tools.hold()
`;

const PRELUDE = `
import threading
denied, lock = 0, threading.Lock()
def attempt(call, arguments={"target": "x"}):
    global denied
    try:
        call(**arguments)
    except PermissionError:
        with lock: denied += 1
`;

/** What stands between Python and ten tools. */
interface Gate {
  /** The tools themselves ask for approval. */
  gated: boolean;
  options: SessionOptions;
}

const GATES = {
  none: { gated: false, options: {} },
  nobody: { gated: true, options: {} },
  no: { gated: true, options: { onApproval: decided(false) } },
  yes: { gated: true, options: { onApproval: decided(true) } },
  policy: { gated: false, options: { policy: [{ name: 'danger_*', outcome: 'deny', reason: 'No.' }] } },
  readOnly: { gated: false, options: { readOnly: true } },
} as const satisfies Record<string, Gate>;

function decided(approved: boolean): NonNullable<SessionOptions['onApproval']> {
  return (requests) => requests.map(({ requestId }) => ({ requestId, approved }));
}

/** Gates are on the host, where a call comes in: no way to write Python leads past them. */
export function gateCases({ fresh }: ConformanceContext): void {
  let effects = 0;
  const dangerous = (gated: boolean) =>
    Array.from({ length: TOOLS }, (_, n) =>
      defineTool({
        name: `danger_${n}`,
        description: 'Does something.',
        input: { type: 'object', properties: { target: { type: 'string' }, name: {} }, required: ['target'] },
        needsApproval: gated,
        execute: () => {
          effects++;
          return n;
        },
      }),
    );
  // What stands before the tools decides, so one session is enough to try all ways in.
  const sessions = new Map<Gate, Promise<Session>>();
  const open = async ({ gated, options }: Gate) => {
    const session = fresh({ tools: [...sampleTools(), ...dangerous(gated)], ...options });
    await session.workflows.create('all_of_them', WORKFLOW);
    return session;
  };
  const attempt = async (way: string, gate: Gate, decide?: (run: Run) => Promise<void>) => {
    const opening = sessions.get(gate) ?? open(gate);
    sessions.set(gate, opening);
    const session = await opening;
    effects = 0;
    const code = `${PRELUDE}${WAYS[way]}\ndenied`;
    if (!decide) return completed(await session.run(code));
    const run = session.begin(code);
    await decide(run);
    const state = await run.settled();
    return state.kind === 'finished' ? completed(state.result) : 'waits';
  };

  test.each(Object.keys(WAYS))('no way past a gate: %s', async (way) => {
    // A way that reaches no tool would pass every other line.
    expect([await attempt(way, GATES.none), effects]).toEqual([0, TOOLS]);
    expect([await attempt(way, GATES.nobody), effects]).toEqual([TOOLS, 0]);
    expect([await attempt(way, GATES.no), effects]).toEqual([TOOLS, 0]);
    expect([await attempt(way, GATES.yes), effects]).toEqual([0, TOOLS]);
    expect([await attempt(way, GATES.policy), effects]).toEqual([TOOLS, 0]);
    expect([await attempt(way, GATES.readOnly), effects]).toEqual([TOOLS, 0]);
  });

  test.each([
    ['none', TOOLS],
    ['nobody', 0],
    ['no', 0],
    ['yes', TOOLS],
    ['readOnly', 0],
  ] as const)('no way past a gate: raw frames (%s)', async (name, expected) => {
    const { gated, options } = GATES[name];
    effects = 0;
    let ended = 0;
    const all = Promise.withResolvers<void>();
    const annotations = { readOnly: true };
    const hold = defineTool({ name: 'hold', description: 'Waits.', annotations, execute: () => all.promise });
    const session = fresh({
      tools: [hold, ...dangerous(gated)],
      ...options,
      onEvent: (event) => event.type === 'call-end' && ++ended === TOOLS && all.resolve(),
    });
    completed(await session.run(RAW_FRAMES));
    expect(effects).toBe(expected);
  });

  test('half of the requests decided lets half of the calls through, each once', async () => {
    const decide = async (run: Run) => {
      for (let state = await run.settled(); state.kind === 'approval'; state = await run.settled()) {
        run.decide(
          state.requests.map(({ requestId, toolName }) => ({
            requestId,
            approved: Number(toolName.slice(7)) % 2 === 0,
          })),
        );
      }
    };
    expect([await attempt('gather', GATES.nobody, decide), effects]).toEqual([TOOLS / 2, TOOLS / 2]);
    expect([await attempt('threads', GATES.nobody, decide), effects]).toEqual([TOOLS / 2, TOOLS / 2]);
  });
}
