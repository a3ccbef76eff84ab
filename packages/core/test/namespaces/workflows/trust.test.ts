import { afterEach, expect, test } from 'vitest';
import type { SessionEvent } from '../../../src/events.ts';
import { Session } from '../../../src/session.ts';
import type { SessionOptions } from '../../../src/session-options.ts';
import { MemoryStorage } from '../../../src/storage/memory.ts';
import { sampleTools } from '../../../src/testing/sample-tools.ts';
import { pythonError, pythonValue, save } from './python.ts';

let open: Session[] = [];
afterEach(async () => {
  for (const session of open) await session.close();
  open = [];
});

function session(options: SessionOptions = {}): Session {
  const made = new Session({ tools: sampleTools(), ...options });
  open.push(made);
  return made;
}

const ONE = 'def run():\n    return 1\n';
const TWO = 'def run():\n    return 2\n';

test('a saved workflow is a draft; an approval is for one text, and comes back with it', async () => {
  const one = session();
  const { hash } = await one.workflows.create('job', ONE);
  expect(await one.workflows.setTrust('job', 'trusted', { hash })).toMatchObject({ trust: 'trusted' });
  await pythonValue(one, save('job', TWO));
  expect((await one.workflows.get('job'))?.trust).toBe('draft');
  await expect(one.workflows.setTrust('job', 'trusted', { hash })).rejects.toMatchObject({ code: 'storage_conflict' });
  await pythonValue(one, 'workflows.rollback("job", 1)');
  expect((await one.workflows.list()).map(({ name, version, trust }) => [name, version, trust])).toEqual([
    ['job', 3, 'trusted'],
  ]);
  await one.workflows.setTrust('job', 'draft');
  expect((await one.workflows.search('job'))[0]?.trust).toBe('draft');
  await expect(one.workflows.setTrust('job', 'loved' as never)).rejects.toMatchObject({
    code: 'invalid_arguments',
    message: `Trust is 'draft', 'trusted' or 'blocked', not "loved".`,
  });
  await expect(one.workflows.setTrust('jobs', 'trusted')).rejects.toMatchObject({ code: 'workflow_not_found' });
});

test('a blocked workflow does not run, and Python cannot lift the block by saving or deleting it', async () => {
  const one = session();
  await one.workflows.create('job', ONE);
  await one.workflows.setTrust('job', 'blocked');
  const blocked = {
    name: 'ApprovalDeniedError',
    message: 'workflows.job is blocked. Ask the person you work for, or do the task another way.',
  };
  expect(await pythonError(one, 'workflows.job()')).toMatchObject(blocked);
  expect(await pythonError(one, `${save('job', TWO)}\nworkflows.job()`)).toMatchObject(blocked);
  expect(await pythonError(one, `workflows.delete("job")\n${save('job', TWO)}\nworkflows.invoke("job")`)).toMatchObject(
    blocked,
  );
  await one.workflows.setTrust('job', 'draft');
  expect(await pythonValue(one, 'workflows.job()')).toBe(2);
});

test('a session may run trusted workflows only', async () => {
  const storage = new MemoryStorage();
  const [careful, other] = [session({ storage, workflows: { requireTrusted: true } }), session({ storage })];
  await careful.workflows.create('job', ONE);
  expect(await pythonError(careful, 'workflows.job()')).toMatchObject({
    name: 'ApprovalDeniedError',
    message:
      'workflows.job is a draft, and this session runs trusted workflows only. Ask for it to be approved, or do the task with code of your own.',
  });
  expect(await pythonValue(other, 'workflows.job()')).toBe(1);
  await other.workflows.setTrust('job', 'trusted');
  expect(await pythonValue(careful, 'workflows.job()')).toBe(1);
});

test('a tool asks for approval inside a workflow as outside, trusted or not', async () => {
  const asked: unknown[] = [];
  let approved = false;
  const one = session({
    onApproval: (requests) => {
      asked.push(...requests.map(({ toolName, arguments: given, line }) => [toolName, given, line]));
      return requests.map(({ requestId }) => ({ requestId, approved, ...(!approved && { message: 'Not today.' }) }));
    },
  });
  await one.workflows.create('settle', 'def run(amount: int):\n    return tools.pay(amount=amount)\n');
  await one.workflows.setTrust('settle', 'trusted');
  expect(await pythonError(one, '\nworkflows.settle(amount=5)')).toMatchObject({
    name: 'ApprovalDeniedError',
    message: 'Not today.',
  });
  approved = true;
  expect(await pythonValue(one, 'await workflows.settle(amount=6)')).toBe('paid 6');
  expect(asked).toEqual([
    ['pay', { amount: 5 }, 2],
    ['pay', { amount: 6 }, 1],
  ]);
});

test('saves, deletions and decisions are events', async () => {
  const events: SessionEvent[] = [];
  const one = session({ onEvent: (event) => event.type.startsWith('workflow-') && events.push(event) });
  const { hash } = await one.workflows.create('job', ONE);
  await one.workflows.setTrust('job', 'trusted');
  const { runId } = await one.run('workflows.delete("job")');
  expect(events).toEqual([
    { type: 'workflow-save', name: 'job', version: 1, hash },
    { type: 'workflow-trust', name: 'job', trust: 'trusted', hash },
    { type: 'workflow-delete', runId, name: 'job' },
  ]);
});

test('Python saves workflows as often as limits.workflowSaves says, and host code as often as it likes', async () => {
  const one = session({ limits: { workflowSaves: 2 } });
  await pythonValue(one, `${save('a', ONE)}; ${save('b', ONE)}`);
  expect((await pythonError(one, save('c', ONE))).message).toBe(
    'This session has saved workflows 2 times, which is its limit (limits.workflowSaves).',
  );
  await one.workflows.create('c', ONE);
  expect((await one.workflows.list()).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
});
