import { expect, it } from 'vitest';
import { type AdapterContext, add, gatedTool, texts } from './harness.ts';

/** A session for each conversation. */
export function sessionCases({ open }: AdapterContext): void {
  it('keeps the variables of a conversation, and keeps conversations apart', async () => {
    const adapter = await open({ perConversation: true });
    const use = async (conversation: string, program: string) =>
      texts(await adapter.loop({ conversation, programs: [program] }))[0];
    await use('ann', 'secret = "ann"');
    await use('bob', 'secret = "bob"');
    expect([await use('ann', 'secret'), await use('bob', 'secret')]).toEqual(['Result: "ann"', 'Result: "bob"']);
  });

  it('never lets two conversations without a name share a session', async () => {
    const adapter = await open({ perConversation: true });
    await adapter.loop({ programs: ['secret = 1'] });
    const outcome = await adapter.loop({ programs: ['"secret" in globals()'] });
    expect(texts(outcome)[0]).not.toBe('Result: True');
    expect(outcome.finalText).toBe('done');
  });

  it('runs conversations at the same time, each with its tools', async () => {
    let waiting: (() => void)[] = [];
    const meet = {
      ...add,
      execute: async () => {
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
          if (waiting.length < 2) return;
          for (const go of waiting) go();
          waiting = [];
        });
        return 'met';
      },
    };
    const adapter = await open({ perConversation: true, tools: [meet] });
    const outcomes = await Promise.all(
      ['ann', 'bob'].map((conversation) => adapter.loop({ conversation, programs: ['tools.add(a=1, b=2)'] })),
    );
    expect(outcomes.map(texts)).toEqual([['Result: "met"'], ['Result: "met"']]);
  });

  it('asks in each conversation for its own run', async () => {
    const { tool, deleted } = gatedTool();
    const adapter = await open({ perConversation: true, approval: 'framework', tools: [tool] });
    const asked: string[] = [];
    const use = (conversation: string, approved: boolean) =>
      adapter.loop({
        conversation,
        programs: [`tools.delete_file(path="of ${conversation}")`],
        decide: (text) => {
          asked.push(text);
          return approved;
        },
      });
    await Promise.all([use('ann', true), use('bob', false)]);
    expect(asked).toHaveLength(2);
    expect(deleted).toEqual(['of ann']);
  });
}
