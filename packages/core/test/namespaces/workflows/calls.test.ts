import { afterAll, beforeAll, expect, test } from 'vitest';
import { Session } from '../../../src/session.ts';
import { sampleTools } from '../../../src/testing/sample-tools.ts';
import { defineTool } from '../../../src/tool-sources/function.ts';
import { pythonError, pythonValue, save } from './python.ts';

let session: Session;

const TEMPS = `import asyncio

async def run(cities: list[str], units: str = "C") -> dict[str, float]:
    """Temperatures of cities."""
    found = await asyncio.gather(*[tools.weather(city=city, units=units) for city in cities])
    return {entry["city"]: entry["temp"] for entry in found}
`;

beforeAll(async () => {
  session = new Session({ tools: sampleTools(), limits: { interruptGraceMs: 10_000 } });
  await session.workflows.create('temps', TEMPS);
  await session.workflows.create('temp', 'def run(city: str):\n    return workflows.temps(cities=[city])[city]\n');
  await session.workflows.create('add', 'def run(a: int, b: int = 2):\n    return a + b\n');
});
afterAll(() => session.close());

test('70: a workflow saved from Python can be listed, found and called at once, by attribute and by invoke', async () => {
  const saved = await pythonValue(
    session,
    save('double', 'def run(n: int) -> int:\n    """Doubles a number."""\n    return 2 * n\n'),
  );
  expect(saved).toEqual({
    name: 'double',
    signature: 'workflows.double(*, n: int) -> int',
    description: 'Doubles a number.',
    version: 1,
    trust: 'draft',
    runs: 0,
    failures: 0,
  });
  const code = `[workflows.double(n=4), workflows.invoke("double", n=5), workflows["double"](n=6),
  "double" in workflows, "double" in [entry["name"] for entry in workflows.list()], workflows.search("doubling a number")[0]["name"]]`;
  expect(await pythonValue(session, code)).toEqual([8, 10, 12, true, true, 'double']);
});

test('72: an unknown workflow is not found, by invoke and by attribute, and the nearest one is named', async () => {
  const message = "Line 1: Workflow not found: tempss. Did you mean 'temps'? Nothing has run.";
  expect(await pythonError(session, 'workflows.invoke("tempss")')).toMatchObject({
    name: 'WorkflowNotFoundError',
    message,
  });
  expect(await pythonError(session, 'workflows.tempss()')).toMatchObject({ name: 'WorkflowNotFoundError', message });
  const code = `def kind(f):
    try: f()
    except AttributeError as error: return [isinstance(error, NamespaceError), error.details["code"]]
[hasattr(workflows, "tools"), hasattr(workflows, "tempss"), hasattr(workflows, "temps"), getattr(workflows, "tempss", 7), kind(lambda: workflows.tempss), workflows.get("tempss")]`;
  expect(await pythonValue(session, code)).toEqual([false, false, true, 7, [true, 'workflow_not_found'], null]);
});

test('73: a missing argument is a TypeError, and an exception inside shows the line of the workflow', async () => {
  expect(await pythonError(session, 'workflows.add(b=1)')).toMatchObject({
    name: 'ToolArgumentError',
    message: 'Line 1: workflows.add(…): missing argument a (integer). Nothing has run.',
  });
  expect(
    await pythonValue(session, 'try: workflows.add()\nexcept TypeError as error: result = str(error)\nresult'),
  ).toBe('workflows.add(…): missing argument a (integer)');
  await pythonValue(session, save('divide', 'def run(n):\n    half = n / 2\n    return half / 0\n'));
  const error = await pythonError(session, '\nworkflows.divide(n=4)');
  expect(error.line).toBe(2);
  expect(error.traceback.replace(/^ +[\^~]+\n/gmu, '')).toBe(`Traceback (most recent call last):
  File "<run-${runNumber(error.traceback)}>", line 2, in <module>
    workflows.divide(n=4)
  File "<workflow:divide>", line 3, in run
    return half / 0
ZeroDivisionError: ${/ZeroDivisionError: (.*)/u.exec(error.traceback)?.[1]}
`);
});

test('73: only the lines of the model are in a traceback through nested and asynchronous workflows', async () => {
  await pythonValue(session, save('outer', 'async def run(city):\n    await workflows.inner(city=city)\n'));
  await pythonValue(session, save('inner', 'def run(city):\n    return workflows.temps(cities=[city])\n'));
  const error = await pythonError(session, 'await workflows.outer(city="Atlantis")');
  const files = [...error.traceback.matchAll(/File "(.*)", line (\d+)/gu)].map(
    ([, file, line]) => `${file?.replace(/\d+/u, 'N')}:${line}`,
  );
  expect(files).toEqual(['<run-N>:1', '<workflow:outer>:2', '<workflow:inner>:2', '<workflow:temps>:5']);
  expect(error.message).toBe('no weather for Atlantis');
});

test('74: a workflow calls tools, reads and writes artifacts, and calls other workflows', async () => {
  expect(await pythonValue(session, 'workflows.temp(city="Oslo")')).toBe(4);
  const source = `def run(city: str):
    artifacts.save("seen/" + city, {"temp": workflows.temp(city=city)})
    return artifacts.load("seen/" + city)
`;
  await pythonValue(session, save('remember', source));
  const result = await session.run('workflows.remember(city="Rome")');
  expect(result).toMatchObject({ status: 'completed', result: { temp: 19 } });
  expect(result.calls.map(({ name }) => name)).toEqual([
    'workflows.remember',
    'workflows.temp',
    'workflows.temps',
    'tools.weather',
    'artifacts.save',
    'artifacts.load',
  ]);
});

test.each([
  ['from plain code', 'workflows.temp(city="Oslo")'],
  ['awaited', 'await workflows.temp(city="Oslo")'],
  ['by .aio', 'await workflows.temp.aio(city="Oslo")'],
  ['by invoke.aio', 'await workflows.invoke.aio("temp", city="Oslo")'],
  ['synchronously inside a running loop', 'async def main():\n    return workflows.temp(city="Oslo")\nawait main()'],
  [
    'in asyncio.run',
    'import asyncio\nasync def main():\n    return await workflows.temp(city="Oslo")\nasyncio.run(main())',
  ],
  [
    'in a thread',
    'from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor() as pool:\n    result = list(pool.map(lambda city: workflows.temp(city=city), ["Oslo"]))[0]\nresult',
  ],
])('75, 76: one way to call, %s: nested, sync over async', async (_, code) => {
  expect(await pythonValue(session, code)).toBe(4);
});

test('75: a plain workflow may run an event loop of its own, also when it is called inside one', async () => {
  await pythonValue(
    session,
    save(
      'loops',
      'import asyncio\ndef run():\n    async def main():\n        await asyncio.sleep(0)\n        return 5\n    return asyncio.run(main())\n',
    ),
  );
  expect(
    await pythonValue(
      session,
      'async def main():\n    return workflows.loops()\n[workflows.loops(), await main(), await workflows.loops()]',
    ),
  ).toEqual([5, 5, 5]);
});

test('76: gathered workflows run at the same time, plain ones too', async () => {
  // Each waits for the other, so one after the other would never end.
  const met = Promise.withResolvers<string>();
  let present = 0;
  const meet = defineTool({
    name: 'meet',
    description: 'Answers when two have come.',
    execute: () => {
      if (++present === 2) met.resolve('met');
      return met.promise;
    },
  });
  await using session = new Session({ tools: [meet] });
  await pythonValue(
    session,
    save(
      'wait',
      'def run(tag: str):\n    print("start", tag)\n    tools.meet()\n    print("end", tag)\n    return tag\n',
    ),
  );
  const result = await session.run(
    'import asyncio\nawait asyncio.gather(workflows.wait(tag="a"), workflows.wait(tag="b"))',
  );
  expect(result).toMatchObject({ status: 'completed', result: ['a', 'b'] });
  expect(result.stdout.split('\n').slice(0, 2).sort()).toEqual(['start a', 'start b']);
});

test('an interrupt ends a workflow in the main thread and one in a thread of its own', async () => {
  let stop = new AbortController();
  await using session = new Session({
    limits: { interruptGraceMs: 60_000 },
    // At once: the main thread may still be starting the workflow's own.
    onEvent: (event) => event.type === 'output' && stop.abort(),
  });
  await pythonValue(
    session,
    save('busy', 'def run():\n    print("busy", flush=True)\n    while True:\n        pass\n'),
  );
  const ways = ['workflows.busy()', ...Array<string>(10).fill('await workflows.busy()')];
  for (const code of ways) {
    await pythonValue(session, 'kept = 1');
    stop = new AbortController();
    const result = await session.run(code, { signal: stop.signal });
    expect(result).toMatchObject({ status: 'interrupted', reason: 'aborted', stateKept: true });
    // The thread ends when Python gives it its turn, which may be after the next run has begun.
    const left = `import threading
left = [thread for thread in threading.enumerate() if thread.name == "workflow"]
for thread in left:
    thread.join(20)
[kept, [thread.is_alive() for thread in left if thread.is_alive()]]`;
    expect(await pythonValue(session, left)).toEqual([1, []]);
  }
  expect((await session.workflows.get('busy'))?.stats).toMatchObject({
    runs: ways.length,
    failures: ways.length,
    lastError: { message: 'The run ended before the workflow did.' },
  });
});

test('context variables of the caller are seen, and those of the workflow stay in it', async () => {
  await pythonValue(
    session,
    save(
      'context',
      'import contextvars\nasync def run(variable):\n    before = variable.get()\n    variable.set("inner")\n    return before\n',
    ),
  );
  const code = `import contextvars
level = contextvars.ContextVar("level", default="none")
level.set("outer")
async def main():
    return workflows.context(variable=level)
[workflows.context(variable=level), await main(), level.get()]`;
  expect(await pythonValue(session, code)).toEqual(['outer', 'outer', 'outer']);
});

test('workflows that call each other without end are stopped', async () => {
  await pythonValue(session, save('deeper', 'def run(n: int):\n    return workflows.deeper(n=n + 1)\n'));
  expect(await pythonError(session, 'workflows.deeper(n=1)')).toMatchObject({
    name: 'NamespaceError',
    message:
      'workflows.deeper(): workflows call each other more than 20 deep (deeper > deeper > deeper > deeper > deeper > deeper). Let one of them work in a loop instead.',
  });
});

test('each call has variables of its own, and none of the session', async () => {
  await pythonValue(
    session,
    save('fresh', 'seen = []\ndef run():\n    seen.append(1)\n    return [len(seen), "mine" in globals(), __name__]\n'),
  );
  expect(await pythonValue(session, 'mine = 1\nworkflows.fresh()\nworkflows.fresh()')).toEqual([
    1,
    false,
    'workflows.fresh',
  ]);
});

test('parameters may have any name, and classes of the source can be passed as their fields', async () => {
  const source = `from __future__ import annotations
from dataclasses import dataclass
from enum import Enum
import datetime

class Color(Enum):
    RED = "red"

@dataclass
class Point:
    x: int
    y: int = 0

def run(name: str, workflow_name: str, self: int, points: list[Point], color: Color, day: datetime.date, tags: set[str] = None, **more: int):
    return [name, workflow_name, self, points[0].x + points[0].y, color is Color.RED, day.year, sorted(tags), more]
`;
  await pythonValue(session, save('named', source));
  const args = `name="n", workflow_name="w", self=1, points=[{"x": 2}], color="red", day="2026-01-02", tags={"a", "b"}, query=3`;
  const expected = ['n', 'w', 1, 2, true, 2026, ['a', 'b'], { query: 3 }];
  expect(await pythonValue(session, `workflows.invoke("named", ${args})`)).toEqual(expected);
  expect(await pythonValue(session, `workflows.named(${args})`)).toEqual(expected);
  expect(await pythonError(session, `workflows.named(${args.replace('"red"', '"blue"')})`)).toMatchObject({
    name: 'ToolArgumentError',
    message: 'workflows.named(color=…): color must be "red", got "blue" (str)',
  });
});

test('positional-only parameters and *args are filled by name', async () => {
  await pythonValue(
    session,
    save('positional', 'def run(first, /, second=2, *rest: int, last=9):\n    return [first, second, rest, last]\n'),
  );
  expect(
    await pythonValue(session, '[workflows.positional(first=1), workflows.positional(first=1, rest=[3, 4], last=5)]'),
  ).toEqual([
    [1, 2, [], 9],
    [1, 2, [3, 4], 5],
  ]);
});

test('values that are no JSON stay in Python, and are checked as far as their type tells', async () => {
  await pythonValue(
    session,
    save(
      'opaque',
      'def run(function, count: int = 0, items: list[float] = ()):\n    return [function(count), len(items)]\n',
    ),
  );
  expect(
    await pythonValue(session, 'workflows.opaque(function=lambda n: n + 1, count=2**60, items=[float("nan")])'),
  ).toEqual([{ $int: '1152921504606846977' }, 1]);
  expect(await pythonValue(session, 'workflows.opaque(function=abs, items=[1.5] * 1_000_000)')).toEqual([0, 1_000_000]);
  expect(await pythonError(session, 'workflows.opaque(function=1, count=len)')).toMatchObject({
    name: 'ToolArgumentError',
    message: 'workflows.opaque(count=…): count must be an integer, got a builtin_function_or_method',
  });
});

test('wrong arguments are refused with the words of tools, and nothing has run', async () => {
  // What earlier runs left may save workflows, and then the call says what is wrong, not the check before the run.
  await session.reset();
  expect(await pythonError(session, 'workflows.temps(cities="Oslo", unit="C")')).toMatchObject({
    name: 'ToolArgumentError',
    message:
      'Line 1: workflows.temps(…): unknown argument unit, did you mean units? It takes: cities, units. Nothing has run.',
  });
  expect(await pythonError(session, 'workflows.temps(cities=["Oslo", 3])')).toMatchObject({
    message: 'workflows.temps(cities=…): cities[1] must be a string, got 3 (int)',
  });
  expect(await pythonError(session, 'workflows.temps(["Oslo"])')).toMatchObject({
    name: 'ToolArgumentError',
    message: `Line 1: workflows.temps() takes keyword arguments only, got ["Oslo"]. workflows.get('temps') says its parameters. Nothing has run.`,
  });
  expect(await pythonError(session, 'workflows.invoke()')).toMatchObject({
    message:
      'Line 1: Write workflows.invoke("name", argument=...): the name first, then keyword arguments. Nothing has run.',
  });
});

test('a call of a workflow and the calls it makes know the line of the run', async () => {
  const lines: [string, number | undefined][] = [];
  await session.run('\n\nworkflows.temp(city="Oslo")\nawait workflows.temp(city="Oslo")', {
    onEvent: (event) => event.type === 'call-start' && lines.push([event.name, event.line]),
  });
  expect(lines).toEqual([
    ['workflows.temp', 3],
    ['workflows.temps', 3],
    ['tools.weather', 3],
    ['workflows.temp', 4],
    ['workflows.temps', 4],
    ['tools.weather', 4],
  ]);
});

test('the host runs a workflow in the session', async () => {
  expect(await session.workflows.invoke('temps', { cities: ['Oslo'], units: 'F' })).toMatchObject({
    status: 'completed',
    result: { Oslo: 39.2 },
  });
  await expect(session.workflows.invoke('no/name')).rejects.toMatchObject({ code: 'invalid_name' });
});

function runNumber(traceback: string): string {
  return /<run-(\d+)>/u.exec(traceback)?.[1] ?? '';
}
