import { expect, test } from 'vitest';
import { CodeModeError } from '../../../src/errors.ts';
import { CurrentWorkflows } from '../../../src/namespaces/workflows/current-workflows.ts';
import { WorkflowAnalyser } from '../../../src/namespaces/workflows/workflow-facts.ts';
import { MemoryStorage } from '../../../src/storage/memory.ts';

const FACTS = { description: 'Does it.', inputSchema: {}, tools: [], workflows: [], packages: [], identifiers: [] };

test('sources are analysed four at a time, because each takes a kernel', async () => {
  let running = 0;
  let most = 0;
  const analyse = async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    return FACTS;
  };
  const analyser = new WorkflowAnalyser({ storage: new MemoryStorage(), analyse });
  const found = await Promise.all(Array.from({ length: 20 }, (_, n) => analyser.facts(`# ${n}`)));
  expect([found.length, most]).toEqual([20, 4]);
});

test('a kernel that was lost says nothing of a workflow: it is looked at again', async () => {
  const storage = new MemoryStorage();
  await storage.set('workflows/job', Buffer.from('def run():\n    return 1\n'));
  let fails = true;
  const analyse = async () => {
    if (fails) throw new CodeModeError('kernel_lost', 'The source could not be parsed: it took longer than 10000 ms.');
    return FACTS;
  };
  const workflows = new CurrentWorkflows(storage, new WorkflowAnalyser({ storage, analyse }));
  expect(await workflows.list()).toMatchObject([
    { name: 'job', problem: 'The source could not be parsed: it took longer than 10000 ms.' },
  ]);
  fails = false;
  const [job] = await workflows.list();
  expect([job?.description, job?.problem]).toEqual(['Does it.', undefined]);
});
