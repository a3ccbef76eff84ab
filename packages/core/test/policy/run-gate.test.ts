import { expect, test } from 'vitest';
import type { CodeFacts } from '../../src/code-facts.ts';
import { CodeModeError } from '../../src/errors.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { PolicyJudge } from '../../src/policy/policy-judge.ts';
import { RememberedApprovals } from '../../src/policy/remembered-approvals.ts';
import { RunGate } from '../../src/policy/run-gate.ts';

/** Admits a run with this code under this policy: whether it may start, what it was denied for, and what was analysed. */
async function admit(policy: Policy, code: string): Promise<[boolean, string[], string[]]> {
  const analysed: string[] = [];
  const denied: string[] = [];
  const analyseCode = async (text: string): Promise<CodeFacts> => {
    analysed.push(text);
    if (text === 'def') throw new CodeModeError('invalid_source', 'line 1: invalid syntax');
    const shell = text.includes('os.system') ? [{ what: 'os.system', line: 1 }] : [];
    return { imports: ['os'], fileWrites: [], shell, network: [], dynamicCode: [], tools: [], workflows: [] };
  };
  const judge = new PolicyJudge({ policy, readOnly: false, warn: () => {} });
  const gate = new RunGate({ sessionId: 's', policy: judge, remembered: new RememberedApprovals(), analyseCode });
  const admitted = await gate.admit({
    id: 'r',
    code,
    context: undefined,
    ended: false,
    ask: async ({ requestId }) => ({ requestId, approved: false, at: 0 }),
    emit: () => {},
    deny: (message) => denied.push(message),
  });
  return [admitted, denied, analysed];
}

const why = (reason: string) => [`The code was denied, and nothing of it was executed: ${reason}`];
const noShell: Policy = [
  { run: ({ shell }) => shell.length > 0, outcome: 'deny', reason: 'No shell.' },
  { run: ({ imports }) => imports.includes('socket'), outcome: 'deny' },
];

test('a rule for runs reads the facts of the code, which are looked for once', async () => {
  expect(await admit(noShell, 'os.system("ls")')).toEqual([false, why('No shell.'), ['os.system("ls")']]);
  expect(await admit(noShell, 'os.getcwd()')).toEqual([true, [], ['os.getcwd()']]);
});

test('what cannot be analysed is denied: what the parser cannot read, Python might', async () => {
  expect(await admit(noShell, 'def')).toEqual([false, why('it could not be checked: line 1: invalid syntax'), ['def']]);
});

test('nothing is analysed when no rule wants the facts', async () => {
  expect(await admit({ run: true, outcome: 'ask' }, 'def')).toEqual([false, why('somebody said no.'), []]);
  expect(await admit(() => undefined, 'def')).toEqual([true, [], []]);
  const judges = (policy: Policy) => new PolicyJudge({ policy, readOnly: true, warn: () => {} }).judgesRuns;
  expect([judges('ask-all'), judges({ name: 'x', outcome: 'deny' }), judges(noShell), judges(() => 'ask')]).toEqual([
    false,
    false,
    true,
    true,
  ]);
});
