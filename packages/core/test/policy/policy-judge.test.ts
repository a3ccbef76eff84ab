import { describe, expect, test } from 'vitest';
import type { CodeFacts } from '../../src/code-facts.ts';
import { CodeModeError } from '../../src/errors.ts';
import { matchesName } from '../../src/policy/name-pattern.ts';
import type { Policy, PolicyCall, PolicyInstall, PolicyRequest, PolicyRun } from '../../src/policy/policy.ts';
import { PolicyJudge } from '../../src/policy/policy-judge.ts';

const call: PolicyCall = {
  kind: 'call',
  sessionId: 's',
  namespace: 'tools',
  name: 'github.issues.close',
  arguments: { number: 7 },
  annotations: {},
};
const install: PolicyInstall = {
  ...call,
  kind: 'install',
  namespace: 'deps',
  name: 'deps.add',
  arguments: { requirements: ['pandas>=2'] },
  package: 'pandas',
  requirement: 'pandas>=2',
};
const noFacts: CodeFacts = {
  imports: [],
  fileWrites: [],
  shell: [],
  network: [],
  dynamicCode: [],
  tools: [],
  workflows: [],
};
const run = (facts: Partial<CodeFacts> = {}): PolicyRun => ({
  kind: 'run',
  sessionId: 's',
  runId: 'r',
  code: '1',
  codeSha256: 'x',
  facts: async () => ({ ...noFacts, ...facts }),
});

const warnings: string[] = [];
async function judged(policy: Policy, request: PolicyRequest, readOnly = false): Promise<string> {
  const judge = new PolicyJudge({ policy, readOnly, warn: (message) => warnings.push(message) });
  const { outcome, reason } = await judge.judge(request);
  return reason === undefined ? outcome : `${outcome}: ${reason}`;
}

describe('rules', () => {
  test.each<[string, Policy, PolicyRequest, string]>([
    ['nothing said', [], call, 'allow'],
    ['the first that fits', [{ outcome: 'ask' }, { outcome: 'deny' }], call, 'ask'],
    ['one alone', { outcome: 'deny', reason: 'Never.' }, call, 'deny: Never.'],
    ['a pattern', { name: 'github.*', outcome: 'deny' }, call, 'deny'],
    ['another pattern', { name: ['gitlab.*', 'github'], outcome: 'deny' }, call, 'allow'],
    ['a namespace', { namespace: 'deps', outcome: 'deny' }, call, 'allow'],
    ['an installation is the call that makes it', { name: 'deps.*', outcome: 'deny' }, install, 'deny'],
    ['hints, by MCP defaults', { annotations: { destructive: true, openWorld: true }, outcome: 'ask' }, call, 'ask'],
    [
      'a hint that is said',
      { annotations: { destructive: true }, outcome: 'ask' },
      { ...call, annotations: { destructive: false } },
      'allow',
    ],
    [
      'read-only and destructive is not read-only',
      { annotations: { readOnly: true }, outcome: 'deny' },
      { ...call, annotations: { readOnly: true, destructive: true } },
      'allow',
    ],
    ['arguments', { arguments: ({ number }) => number === 7, outcome: 'deny' }, call, 'deny'],
    ['arguments, later', { arguments: async ({ number }) => number === 8, outcome: 'deny' }, call, 'allow'],
    ['trust', { trust: ['draft'], outcome: 'ask' }, { ...call, trust: 'draft' }, 'ask'],
    ['no trust', { trust: ['draft', 'trusted'], outcome: 'ask' }, call, 'allow'],
    ['a package', { install: ['numpy', 'pan*'], outcome: 'allow', reason: 'known' }, install, 'allow: known'],
    ['a call is no installation', { install: true, outcome: 'deny' }, call, 'allow'],
    ['rules for calls leave runs alone', { outcome: 'deny' }, run(), 'allow'],
    ['every run', { run: true, outcome: 'ask' }, run(), 'ask'],
    [
      'facts',
      { run: ({ shell }) => shell.length > 0, outcome: 'deny' },
      run({ shell: [{ what: 'os.system', line: 1 }] }),
      'deny',
    ],
    ['rules for runs leave calls alone', { run: true, outcome: 'deny' }, call, 'allow'],
    ['a function', ({ kind }) => (kind === 'call' ? 'ask' : undefined), call, 'ask'],
    ['a function without an answer', [() => undefined, 'ask-writes'], call, 'ask'],
    ['a function with a reason', async () => ({ outcome: 'deny', reason: 'No.' }) as const, call, 'deny: No.'],
  ])('%s', async (_name, policy, request, expected) => {
    expect(await judged(policy, request)).toBe(expected);
  });
});

describe('presets', () => {
  const reads = { ...call, annotations: { readOnly: true } };
  const artifacts = { ...reads, namespace: 'artifacts', name: 'artifacts.load' };
  test.each<[Policy & string, string[]]>([
    ['allow-all', ['allow', 'allow', 'allow', 'allow', 'allow']],
    ['ask-writes', ['ask', 'allow', 'allow', 'ask', 'allow']],
    ['ask-all', ['ask', 'ask', 'allow', 'ask', 'allow']],
  ])('%s', async (preset, expected) => {
    const answers = [call, reads, artifacts, install, run()].map((request) => judged(preset, request));
    expect(await Promise.all(answers)).toEqual(expected);
  });

  test('read-only denies what no rule can allow', async () => {
    const denied = 'deny: this session may only read, and this is not marked read-only.';
    expect(await judged('allow-all', call, true)).toBe(denied);
    expect(await judged('allow-all', { ...call, annotations: { readOnly: true, destructive: true } }, true)).toBe(
      denied,
    );
    expect(await judged('allow-all', { ...install, annotations: { readOnly: true } }, true)).toBe(denied);
    expect(await judged('allow-all', reads, true)).toBe('allow');
    expect(await judged({ outcome: 'deny' }, reads, true)).toBe('deny');
    expect(await judged('allow-all', run(), true)).toBe('allow');
  });
});

describe('a policy that fails denies, and only the host is told why', () => {
  const failed = 'deny: the policy of this session failed.';
  test.each<[string, Policy, PolicyRequest, string]>([
    [
      'a throw',
      () => {
        throw new Error('db at 10.0.0.1 is away');
      },
      call,
      'The policy failed on github.issues.close, which was denied: db at 10.0.0.1 is away',
    ],
    [
      'an answer that is none',
      () => 'yes' as never,
      call,
      "The policy failed on github.issues.close, which was denied: a policy must answer 'allow', 'ask', 'deny' or undefined, and answered yes",
    ],
    [
      'a predicate without an answer',
      { arguments: () => undefined as never, outcome: 'allow' },
      call,
      "The policy failed on github.issues.close, which was denied: 'arguments' of a policy rule must return a boolean, and returned undefined",
    ],
    [
      'facts that cannot be had',
      { run: (facts) => facts.shell.length > 0, outcome: 'deny' },
      { ...run(), facts: () => Promise.reject(new Error('no Python')) },
      'The policy failed on a run, which was denied: no Python',
    ],
  ])('%s', async (_name, policy, request, warning) => {
    warnings.length = 0;
    expect(await judged([policy].flat()[0] as Policy, request)).toBe(failed);
    expect(warnings).toEqual([warning]);
  });

  test('code that cannot be parsed is denied with the sentence of the parser', async () => {
    const facts = () => Promise.reject(new CodeModeError('invalid_source', 'line 1: invalid syntax'));
    const policy: Policy = { run: () => false, outcome: 'deny' };
    expect(await judged(policy, { ...run(), facts })).toBe('deny: it could not be checked: line 1: invalid syntax');
  });
});

test('a policy that cannot mean what it says is refused', () => {
  const refusal = (policy: unknown) => {
    try {
      new PolicyJudge({ policy: policy as Policy, readOnly: false, warn: () => {} });
      return 'accepted';
    } catch (error) {
      return CodeModeError.isInstance(error) ? `${error.code}: ${error.message}` : String(error);
    }
  };
  const fields = 'outcome, reason, namespace, name, annotations, trust, arguments, install, run';
  expect(
    [
      'ask-some',
      [{ outcome: 'maybe' }],
      { outcome: 'deny', tool: 'x' },
      [null],
      { outcome: 'deny', name: [] },
      { outcome: 'deny', name: /x/ },
      { outcome: 'deny', annotations: { readonly: true } },
      { outcome: 'deny', annotations: { readOnly: 1 } },
      { outcome: 'deny', trust: 'known' },
      { outcome: 'deny', arguments: { a: 1 } },
      { outcome: 'deny', run: true, name: 'x' },
      { outcome: 'deny', run: 'x' },
      { outcome: 'deny', install: [''] },
    ].map(refusal),
  ).toEqual([
    'invalid_options: policy must be one of allow-all, ask-writes, ask-all, got ask-some.',
    'invalid_options: policy[0].outcome must be one of allow, ask, deny, got maybe.',
    `invalid_options: a field of policy must be one of ${fields}, got tool.`,
    'invalid_options: policy[0] must be a preset, a rule or a function, got null.',
    'invalid_options: policy.name must be text.',
    'invalid_options: policy.name must be text.',
    'invalid_options: a field of policy.annotations must be one of readOnly, destructive, idempotent, openWorld, got readonly.',
    'invalid_options: policy.annotations.readOnly must be true or false.',
    'invalid_options: policy.trust must be one of draft, trusted, blocked, got known.',
    'invalid_options: policy.arguments must be a function.',
    "invalid_options: policy has 'run', so it is about runs, and cannot ask for anything of a call.",
    'invalid_options: policy.run must be true or a function.',
    'invalid_options: policy.install must be text.',
  ]);
});

test('patterns', () => {
  const fits = (pattern: string, ...names: string[]) => names.map((name) => matchesName(pattern, name));
  expect(fits('a.b', 'a.b', 'a.bc', 'axb')).toEqual([true, false, false]);
  expect(fits('*', '', 'a.b')).toEqual([true, true]);
  expect(fits('a.*', 'a.', 'a.b.c', 'a', 'b.a.c')).toEqual([true, true, false, false]);
  expect(fits('*delete*', 'delete', 'a.delete_b', 'remove')).toEqual([true, true, false]);
  expect(fits('ab*ba', 'abba', 'aba', 'ab.ba')).toEqual([true, false, true]);
  expect(fits('a*b*b', 'ab', 'abb', 'axbxb')).toEqual([false, true, true]);
  expect(fits('a?(x)', 'ab(x)', 'a?(x)')).toEqual([false, true]);
  expect(matchesName('*a'.repeat(2_000), 'a'.repeat(100_000))).toBe(true);
});
