import { Agent } from 'mastra-core-lowest/agent';
import { Mastra } from 'mastra-core-lowest/mastra';
import { InMemoryStore } from 'mastra-core-lowest/storage';
import { createTool } from 'mastra-core-lowest/tools';
import { expect, it, vi } from 'vitest';
import { z } from 'zod';
import { createCodeMode } from '../src/index.ts';
import { programmer, toolResultsSeen } from './mock-model.ts';

vi.mock('@mastra/core/tools', () => import('mastra-core-lowest/tools'));
vi.mock('@mastra/core/schema', () => import('mastra-core-lowest/schema'));

it('works with the oldest Mastra of the range: tools, failures, suspend and resume, and no answer of the model', async () => {
  const paid: number[] = [];
  const pay = createTool({
    id: 'pay',
    description: 'Pays.',
    inputSchema: z.object({ amount: z.number().max(10) }),
    requireApproval: true,
    execute: async ({ amount }) => paid.push(amount),
  });
  await using codeMode = createCodeMode({ tools: { pay } as never });
  const { model, prompts } = programmer(
    ['x = 20\n1 / 0', 'tools.pay(amount=x)'],
    { code: 'tools.pay(amount=x - 19)', resumeData: { approved: true } },
    'x - tools.pay(amount=x - 18)',
  );
  const agent = new Agent({
    id: 'a',
    name: 'a',
    instructions: 'x',
    model: model as never,
    tools: codeMode.tools as never,
  });
  new Mastra({ agents: { agent }, storage: new InMemoryStore(), logger: false });
  const { runId = '', suspendPayload } = await agent.generate('go');
  expect([suspendPayload.suspendPayload.message, paid]).toEqual(['tools.pay(amount=1) in line 1', []]);
  const second = await agent.resumeGenerate({ approved: false, reason: 'No.' }, { runId });
  expect([second.suspendPayload.suspendPayload.message, paid]).toEqual(['tools.pay(amount=2) in line 1', []]);
  const last = await agent.resumeGenerate({ approved: true }, { runId });
  expect([last.text, paid]).toEqual(['done', [2]]);
  expect(toolResultsSeen(prompts).map(({ text }) => text.split('\n').at(-1))).toEqual([
    'ZeroDivisionError: division by zero',
    'ToolArgumentError: tools.pay(amount=…): amount must be a number <= 10, got 20 (int)',
    'ApprovalDeniedError: No.',
    'Result: 19',
  ]);
});
