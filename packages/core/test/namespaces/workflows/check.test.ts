import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Session } from '../../../src/session.ts';
import { MemoryStorage } from '../../../src/storage/memory.ts';
import { defineTool } from '../../../src/tool-sources/function.ts';
import { pythonError, pythonValue } from './python.ts';

const storage = new MemoryStorage();
let called = 0;
const touch = defineTool({
  name: 'touch',
  description: 'Changes something.',
  input: { type: 'object', properties: {}, additionalProperties: false },
  execute: () => ++called,
});
const other = new Session({ storage });
let session: Session;

beforeAll(async () => {
  session = new Session({ storage, tools: [touch] });
  await session.workflows.create('double', 'def run(n: int, times: int = 2):\n    return n * times\n');
  await session.workflows.create(
    'teach',
    'def run(name: str):\n    workflows.create(name, "def run(): return 7")\n    return name\n',
  );
});
beforeEach(() => {
  called = 0;
});
afterAll(() => Promise.all([session.close(), other.close()]));

test.each([
  [
    'workflows.doubl(n=1)',
    'WorkflowNotFoundError',
    "Line 2: Workflow not found: doubl. Did you mean 'double'? Nothing has run.",
  ],
  [
    'workflows.invoke("double", m=1)',
    'ToolArgumentError',
    'Line 2: workflows.double(…): unknown argument m, did you mean n? It takes: n, times.\nworkflows.double(…): missing argument n (integer). Nothing has run.',
  ],
  [
    'd = workflows.double\n[d(times=k) for k in range(3)]',
    'ToolArgumentError',
    'Line 3: workflows.double(…): missing argument n (integer). Nothing has run.',
  ],
])('%s is refused before anything has run', async (code, name, message) => {
  expect(await pythonError(session, `tools.touch()\n${code}`)).toMatchObject({ name, message });
  expect(called).toBe(0);
});

test('what the run itself saves can be called, with the arguments of then', async () => {
  const code = `tools.touch()
workflows.create("halve", "def run(n): return n / 2")
first = workflows.halve(n=4)
workflows.create("halve", "def run(m): return m // 2")
[first, workflows.halve(m=4)]`;
  expect(await pythonValue(session, code)).toEqual([2, 2]);
  expect(await pythonValue(session, 'workflows.teach(name="taught")\nworkflows.taught()')).toBe(7);
});

test('what another session saved meanwhile is known, and what it deleted is not', async () => {
  expect(await pythonError(session, 'tools.touch()\nworkflows.late()')).toMatchObject({
    message: 'Line 2: Workflow not found: late. Find one with workflows.search("what to do"). Nothing has run.',
  });
  await other.workflows.create('late', 'def run(): return 1');
  expect(await pythonValue(session, 'tools.touch()\nworkflows.late()')).toBe(1);
  await other.workflows.create('late', 'def run(now): return now');
  expect(await pythonValue(session, 'workflows.late(now=2)')).toBe(2);
  await other.workflows.delete('late');
  expect(await pythonError(session, 'tools.touch()\nworkflows.late(now=2)')).toMatchObject({
    name: 'WorkflowNotFoundError',
  });
  expect(called).toBe(1);
});

test('the check is no call of the run', async () => {
  const result = await session.run('workflows.double(n=4)');
  expect(result).toMatchObject({ status: 'completed', result: 8 });
  expect(result.calls.map(({ name }) => name)).toEqual(['workflows.double']);
});
