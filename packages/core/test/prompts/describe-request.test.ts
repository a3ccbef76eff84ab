import { describe, expect, it } from 'vitest';
import { type DescribedRequest, describeRequest } from '../../src/prompts/describe-request.ts';

describe('describeRequest', () => {
  it.each<[DescribedRequest, string]>([
    [{ toolName: 'pay', arguments: { amount: 7, to: 'Ann' }, line: 2 }, 'tools.pay(amount=7, to="Ann") in line 2'],
    [{ toolName: 'github.list-issues', arguments: {} }, 'tools.github.list_issues()'],
    [
      { toolName: 'deps.add', namespace: 'deps', kind: 'install', arguments: { requirements: ['pandas'] } },
      'deps.add(requirements=["pandas"])',
    ],
    [
      { toolName: 'runCode', kind: 'run', arguments: { code: 'import os' }, reason: 'it uses os' },
      'this code (it uses os)',
    ],
  ])('%#', (request, text) => {
    expect(describeRequest(request)).toBe(text);
  });

  it('says how much of a long argument is not shown', () => {
    const text = describeRequest({ toolName: 'mail', arguments: { body: 'x'.repeat(5_000), to: 'eve' } });
    expect(text).toContain('[… 3,002 more characters], to="eve")');
    expect(text.length).toBeLessThan(2_100);
  });
});
