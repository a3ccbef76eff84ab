import { MemoryStorage, Session, type Storage, type Workflow } from '@code-mode/core';
import { EXIT } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { copyDocument } from './copy-items.ts';

/**
 * What the workflows of a store say of themselves. They are parsed, never run, and the store is only read.
 * @throws Failure that names those that could not be used
 */
export async function checkWorkflows(storage: Storage, names: readonly string[]): Promise<Map<string, Workflow>> {
  if (names.length === 0) return new Map();
  const copy = new MemoryStorage();
  for (const name of names) await copyDocument(storage, copy, `workflows/${name}`, () => undefined);
  await using session = new Session({ storage: copy, journal: false });
  const workflows = await session.workflows.list();
  const broken = workflows.filter(({ problem }) => problem !== undefined);
  if (broken.length === 0) return new Map(workflows.map((workflow) => [workflow.name, workflow]));
  const reasons = broken.map(({ name, problem }) => `${name}: ${problem}`).join('; ');
  throw new Failure(
    `Nothing was written, because these workflows could not be used. Mend them: ${reasons}`,
    EXIT.failed,
  );
}
