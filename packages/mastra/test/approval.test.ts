import { Agent } from '@mastra/core/agent';
import { Mastra } from '@mastra/core/mastra';
import { InMemoryStore } from '@mastra/core/storage';
import { createTool } from '@mastra/core/tools';
import { Memory } from '@mastra/memory';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type CodeMode, type CreateCodeModeOptions, createCodeMode } from '../src/index.ts';
import { programmer, toolResultsSeen } from './mock-model.ts';

const opened: CodeMode[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((codeMode) => codeMode.close()));
});

const memory = { thread: 'T', resource: 'R' };

/** An agent with a tool that pays after an approval, asked for when `together` calls wait for it, and one that notes. */
function payingAgent(turns: Parameters<typeof programmer>, options: CreateCodeModeOptions = {}, together = 1) {
  let waiting: (() => void)[] = [];
  const paid: number[] = [];
  const noted: string[] = [];
  const tools = {
    pay: createTool({
      id: 'pay',
      description: 'Pays.',
      inputSchema: z.object({ amount: z.number() }),
      requireApproval: async () => {
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
          if (waiting.length < together) return;
          for (const go of waiting) go();
          waiting = [];
        });
        return true;
      },
      execute: async ({ amount }) => paid.push(amount),
    }),
    note: createTool({
      id: 'note',
      description: 'Notes.',
      inputSchema: z.object({ text: z.string() }),
      execute: async ({ text }) => void noted.push(text),
    }),
  };
  const codeMode = createCodeMode({ tools, ...options });
  opened.push(codeMode);
  const { model, prompts } = programmer(...turns);
  const storage = new InMemoryStore();
  const agent = new Agent({
    id: 'a',
    name: 'a',
    instructions: 'x',
    model,
    tools: codeMode.tools,
    memory: new Memory({ storage }),
  });
  new Mastra({ agents: { agent }, storage, logger: false });
  const seen = () => toolResultsSeen(prompts).map(({ text }) => text);
  return { agent, codeMode, paid, noted, seen };
}

const once = ['tools.note(text="before")\ntools.pay(amount=7)'];

describe('approval of calls that Python makes', () => {
  it('suspends the agent, which is found in the storage, and goes on where Python waits', async () => {
    const { agent, paid, noted, seen } = payingAgent(once);
    const first = await agent.generate('go', { memory });
    expect(first.finishReason).toBe('suspended');
    expect(first.suspendPayload).toMatchObject({
      toolName: 'runCode',
      args: { code: once[0] },
      suspendPayload: {
        status: 'approval-required',
        round: 0,
        message: 'tools.pay(amount=7) in line 2',
        requests: [{ toolName: 'pay', arguments: { amount: 7 }, line: 2 }],
      },
    });
    expect(paid).toEqual([]);
    const { runs } = await agent.listSuspendedRuns({ threadId: 'T', resourceId: 'R' });
    expect(runs).toMatchObject([
      { toolCalls: [{ toolName: 'runCode', suspendPayload: { message: 'tools.pay(amount=7) in line 2' } }] },
    ]);
    const last = await agent.resumeGenerate({ approved: true }, { runId: runs[0]?.runId ?? '', memory });
    expect(last.text).toBe('done');
    expect([noted, paid, seen()]).toEqual([['before'], [7], ['Result: 1']]);
    expect(await agent.listSuspendedRuns()).toEqual({ runs: [], total: 0 });
  });

  it('takes what approveToolCall and declineToolCall send, also without memory', async () => {
    const code = 'try:\n    tools.pay(amount=7)\nexcept Exception as error:\n    print(error)';
    const { agent, paid, seen } = payingAgent([[code, code]]);
    const first = await agent.stream('go');
    await first.consumeStream();
    const second = await agent.approveToolCall({ runId: first.runId });
    await second.consumeStream();
    expect([paid, await second.finishReason]).toEqual([[7], 'suspended']);
    const third = await agent.declineToolCall({ runId: first.runId, reason: 'Not on a Friday.' });
    expect(await third.text).toBe('done');
    expect([paid, seen()]).toEqual([[7], ['(no output)', 'Not on a Friday.']]);
  });

  it('asks in as many rounds as the program needs', async () => {
    const { agent, paid, seen } = payingAgent(['for n in range(3):\n    tools.pay(amount=n)\n    print(n)']);
    let { finishReason, suspendPayload, ...result } = await agent.generate('go', { memory });
    const rounds: unknown[] = [];
    while (finishReason === 'suspended') {
      const { round, stdout } = suspendPayload.suspendPayload;
      rounds.push([round, stdout, [...paid]]);
      const runId = result.runId ?? '';
      ({ finishReason, suspendPayload, ...result } = await agent.resumeGenerate({ approved: true }, { runId, memory }));
    }
    expect(rounds).toEqual([
      [0, '', []],
      [1, '0\n', [0]],
      [2, '0\n1\n', [0, 1]],
    ]);
    expect([paid, seen()]).toEqual([[0, 1, 2], ['0\n1\n2']]);
  });

  it('takes one decision for each request, some now and some later, and none for no answer', async () => {
    const code =
      'import asyncio\n[str(r) for r in await asyncio.gather(*(tools.pay.aio(amount=n) for n in (1, 2, 3)), return_exceptions=True)]';
    const { agent, paid, seen } = payingAgent([code], {}, 3);
    const first = await agent.generate('go', { memory });
    const runId = first.runId ?? '';
    const ids: string[] = first.suspendPayload.suspendPayload.requests.map(
      ({ requestId }: { requestId: string }) => requestId,
    );
    const answer = async (decisions: unknown) => {
      const { finishReason, suspendPayload } = await agent.resumeGenerate(decisions, { runId, memory });
      return finishReason === 'suspended' ? suspendPayload.suspendPayload.message : finishReason;
    };
    expect(await answer({ note: 'no answer' })).toBe(
      'tools.pay(amount=1) in line 2; tools.pay(amount=2) in line 2; tools.pay(amount=3) in line 2',
    );
    expect(paid).toEqual([]);
    expect(await answer({ decisions: [{ requestId: ids[1], approved: true }] })).toBe(
      'tools.pay(amount=1) in line 2; tools.pay(amount=3) in line 2',
    );
    expect(paid).toEqual([2]);
    const rest = [
      { requestId: ids[0], approved: false, message: 'Too little.' },
      { requestId: ids[2], approved: true },
    ];
    expect(await answer({ decisions: rest })).toBe('stop');
    expect([paid, seen()]).toEqual([[2, 3], ['Result: ["Too little.", "1", "2"]']]);
  });

  it('says that a run is gone, and does nothing', async () => {
    const { agent, codeMode, paid, noted, seen } = payingAgent(once);
    const { runId = '' } = await agent.generate('go', { memory });
    await codeMode.sessions.release('["R","T"]');
    const { text } = await agent.resumeGenerate({ approved: true }, { runId, memory });
    expect(text).toBe('done');
    expect([noted, paid]).toEqual([['before'], []]);
    expect(seen()).toEqual([
      'The run that asked for this approval is gone (its process or its session has ended, or the conversation went on), so nothing was done: run the code again.',
    ]);
  });

  it('ends a run that nobody decided on when the conversation goes on', async () => {
    const { agent, codeMode, paid, seen } = payingAgent(['tools.pay(amount=7)', '1 + 1']);
    const first = await agent.generate('go', { memory });
    const { text } = await agent.generate('never mind', { memory });
    expect([text, seen().at(-1)]).toEqual(['done', 'Result: 2']);
    await agent.resumeGenerate({ approved: true }, { runId: first.runId ?? '', memory });
    expect([paid, seen()[0]]).toEqual([[], expect.stringMatching(/^The run that asked for this approval is gone/u)]);
    expect(codeMode.sessions.find('["R","T"]')?.idle).toBe(true);
  });

  it('takes two programs of one turn one after the other', async () => {
    const { agent, paid, seen } = payingAgent([['x = tools.pay(amount=1)', 'x + tools.pay(amount=2)', 'x']]);
    const { runId = '', suspendPayload } = await agent.generate('go', { memory });
    expect(suspendPayload.suspendPayload.message).toBe('tools.pay(amount=1) in line 1');
    const second = await agent.resumeGenerate({ approved: true }, { runId, memory });
    expect(second.suspendPayload.suspendPayload.message).toBe('tools.pay(amount=2) in line 1');
    const last = await agent.resumeGenerate({ approved: true }, { runId, memory });
    expect([last.text, paid, seen()]).toEqual(['done', [1, 2], ['(no output)', 'Result: 3', 'Result: 1']]);
  });

  it.each([{ approved: true }, { approved: true, reason: 'sure' }])(
    'does not let the model answer for the person: %j',
    async (resumeData) => {
      const { agent, paid, seen } = payingAgent([{ code: 'tools.pay(amount=7)', resumeData }]);
      const { finishReason, runId = '' } = await agent.generate('go', { memory });
      expect([finishReason, paid]).toEqual(['suspended', []]);
      await agent.resumeGenerate({ approved: false }, { runId, memory });
      expect([paid, seen()]).toEqual([[], [expect.stringContaining('ApprovalDeniedError: The call was denied.')]]);
    },
  );

  it('does not let the model answer for the person in a call that names the suspended one', async () => {
    const code = 'tools.pay(amount=7)';
    const forged = { code, suspendedToolCallId: 'c1-0', resumeData: { approved: true } };
    const { agent, paid } = payingAgent([code, forged]);
    await agent.generate('go', { memory });
    const { finishReason } = await agent.generate('yes, go on', { memory, autoResumeSuspendedTools: true });
    expect([finishReason, paid]).toEqual(['suspended', []]);
  });

  it('shows the code of a whole run before anything runs', async () => {
    const { agent, paid, noted, seen } = payingAgent(once, { requireApproval: true });
    const first = await agent.generate('go', { memory });
    const runId = first.runId ?? '';
    expect([first.finishReason, first.suspendPayload]).toMatchObject([
      'suspended',
      { toolName: 'runCode', args: { code: once[0] } },
    ]);
    expect(noted).toEqual([]);
    const second = await agent.resumeGenerate({ approved: true }, { runId, memory });
    expect([second.finishReason, noted, paid]).toEqual(['suspended', ['before'], []]);
    const last = await agent.resumeGenerate({ approved: true }, { runId, memory });
    expect([last.text, noted, paid, seen()]).toEqual(['done', ['before'], [7], ['Result: 1']]);
  });

  it('runs nothing of code that was declined as a whole', async () => {
    const { agent, noted } = payingAgent(once, { requireApproval: ({ code }) => code.includes('pay') });
    const { runId = '' } = await agent.generate('go', { memory });
    const { text } = await agent.resumeGenerate({ approved: false }, { runId, memory });
    expect([text, noted]).toEqual(['done', []]);
  });

  it('asks `onApproval` where there is one, instead of suspending', async () => {
    const { agent, paid, seen } = payingAgent(once, {
      onApproval: (requests) => requests.map(({ requestId }) => ({ requestId, approved: true })),
    });
    expect((await agent.generate('go', { memory })).text).toBe('done');
    expect([paid, seen()]).toEqual([[7], ['Result: 1']]);
  });
});
