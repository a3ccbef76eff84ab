import { isSchema } from '../../tool-sources/schema-shape.ts';
import { ArgumentReader } from '../argument-reader.ts';
import type { NamespaceCall } from '../namespace.ts';
import { checkNames } from './check-arguments.ts';
import type { WorkflowLibrary } from './workflow-library.ts';

/** What the kernel's static check is told of the workflows that code is about to call. */
export interface CheckedUses {
  /** For each use what is wrong with it, or null. */
  problems: ({ notFound: boolean; message: string } | null)[];
  /** One of the workflows may save another when it runs: then nothing of this is certain. */
  maySave: boolean;
}

/** Checks calls of workflows by the names of their arguments, against what is saved at this moment. */
export async function checkUses(library: WorkflowLibrary, call: NamespaceCall): Promise<CheckedUses> {
  const uses = read.list(call, 'uses', 'a list of calls', isUse);
  const names = [...new Set(uses.map(({ name }) => name))];
  const found = new Map(await Promise.all(names.map(async (name) => [name, await library.current(name)] as const)));
  const problemOf = async ({ name, given, complete }: Use) => {
    const workflow = found.get(name)?.workflow;
    if (workflow === undefined) return { notFound: true, message: (await library.notFound(name)).message };
    // One that cannot be used says so when it is called.
    const message = workflow.problem === undefined ? await checkNames(workflow, given, complete) : undefined;
    return message === undefined ? null : { notFound: false, message };
  };
  const problems: CheckedUses['problems'] = [];
  // One after the other: a name that is not there costs a look at all that are.
  for (const use of uses) problems.push(await problemOf(use));
  return {
    problems,
    // What saves workflows has to name the namespace.
    maySave: [...found.values()].some((current) => current?.source.includes('workflows')),
  };
}

const read = new ArgumentReader('workflows');

interface Use {
  name: string;
  given: string[];
  complete: boolean;
}

function isUse(value: unknown): value is Use {
  if (!isSchema(value)) return false;
  const { name, given, complete } = value;
  const isNames = Array.isArray(given) && given.every((item) => typeof item === 'string');
  return typeof name === 'string' && isNames && typeof complete === 'boolean';
}
