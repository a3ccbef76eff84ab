import { defineTool } from '@code-mode/core';
import { RunContext, tool } from '@openai/agents';
import { assistantMessage } from '@openai/agents/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { approve, go, open, programmer, resume, runner, textsRead } from './drive.ts';

let paid: unknown[] = [];
beforeEach(() => {
  paid = [];
});

const AMOUNT = {
  type: 'object' as const,
  properties: { amount: { type: 'number' as const } },
  required: ['amount'],
  additionalProperties: false as const,
};

const pay = tool({
  name: 'pay',
  description: 'Pays.',
  parameters: AMOUNT,
  needsApproval: true,
  execute: (input) => paid.push((input as { amount: number }).amount),
});

describe('interruptions', () => {
  it('are the calls that wait, as the SDK has them, with all that is known', async () => {
    const { tools } = open({ tools: [pay] });
    const { agent } = programmer(['x = 1\ntools.pay(amount=7)'], tools);
    const { interruptions, state } = await go(agent);
    expect(interruptions.map((item) => [item.name, item.arguments, item.agent.name])).toEqual([
      ['pay', '{"amount":7}', 'runCode'],
    ]);
    expect(interruptions[0]?.rawItem.providerData).toMatchObject({
      request: { toolName: 'pay', arguments: { amount: 7 }, line: 2 },
    });
    const resumed = await resume(agent, state.toString(), approve);
    expect([resumed.finalOutput, paid]).toEqual(['done', [7]]);
  });

  it('keep the session of a run without a thread, also for the calls after it', async () => {
    const { tools, sessions } = open({ tools: [pay] });
    const { agent, model } = programmer(['x = 1\ntools.pay(amount=7)', 'x + 1'], tools);
    await resume(agent, (await go(agent)).state.toString(), approve);
    expect(textsRead(model)).toEqual(['Result: 1', 'Result: 2']);
    expect(sessions.size).toBe(1);
  });

  it('may be resumed without serialization', async () => {
    const { tools } = open({ tools: [pay] });
    const { agent, model } = programmer(['tools.pay(amount=7)'], tools);
    const { state } = await go(agent);
    for (const item of state.getInterruptions()) state.approve(item);
    await runner.run(agent, state);
    expect([textsRead(model), paid]).toEqual([['Result: 1'], [7]]);
  });

  it('tell Python why a call was rejected', async () => {
    const { tools } = open({ tools: [pay] });
    const { agent, model } = programmer(['try:\n    tools.pay(amount=7)\nexcept Exception as e:\n    print(e)'], tools);
    const { state } = await go(agent);
    await resume(agent, state.toString(), (item, s) => s.reject(item, { message: 'Too much.' }));
    expect([textsRead(model), paid]).toEqual([['Too much.'], []]);
  });

  it('take no rejection for an approval, whatever its message', async () => {
    const { tools } = open({ tools: [pay] });
    const { agent } = programmer(['tools.pay(amount=7)'], tools);
    const { state } = await go(agent);
    await resume(agent, state.toString(), (item, s) => s.reject(item, { message: 'approved' }));
    expect(paid).toEqual([]);
  });

  it('ask no more about a tool that is always approved, in this run and no other', async () => {
    const { tools } = open({ tools: [pay] });
    const code = 'for n in range(3):\n    tools.pay(amount=n)';
    const { agent } = programmer([code, 'tools.pay(amount=9)'], tools);
    const resumed = await resume(agent, (await go(agent)).state.toString(), (item, state) =>
      state.approve(item, { alwaysApprove: true }),
    );
    expect([resumed.interruptions, resumed.finalOutput, paid]).toEqual([[], 'done', [0, 1, 2, 9]]);
    const another = await go(programmer([code], tools).agent);
    expect(another.interruptions).toHaveLength(1);
  });

  it('ask no more about a tool that is always rejected', async () => {
    const { tools } = open({ tools: [pay] });
    const code =
      'for n in range(3):\n    try:\n        tools.pay(amount=n)\n    except Exception as e:\n        print(e)';
    const { agent, model } = programmer([code], tools);
    await resume(agent, (await go(agent)).state.toString(), (item, state) =>
      state.reject(item, { alwaysReject: true, message: 'never' }),
    );
    expect([textsRead(model), paid]).toEqual([['never\nnever\nnever'], []]);
  });

  it('wait until each of the calls made at the same time is decided', async () => {
    const { tools } = open({ tools: [pay] });
    const code = 'import asyncio\nlen(await asyncio.gather(tools.pay.aio(amount=1), tools.pay.aio(amount=2)))';
    const { agent, model } = programmer([code], tools);
    const partly = await resume(agent, (await go(agent)).state.toString(), (item, state) => {
      if (item.arguments === '{"amount":1}') state.approve(item);
    });
    expect(partly.interruptions.map((item) => item.arguments)).toEqual(['{"amount":2}']);
    expect(paid).toEqual([]);
    await resume(agent, partly.state.toString(), approve);
    expect([textsRead(model), paid.sort()]).toEqual([['Result: 2'], [1, 2]]);
  });

  it('come again, unchanged, when nobody decided', async () => {
    const { tools } = open({ tools: [pay] });
    const { agent } = programmer(['print("once")\ntools.pay(amount=7)'], tools);
    const again = await resume(agent, (await go(agent)).state.toString(), () => {});
    expect(again.interruptions.map((item) => item.arguments)).toEqual(['{"amount":7}']);
    const { newItems } = await resume(agent, again.state.toString(), approve);
    expect(newItems.map((item) => 'customData' in item && item.customData)).toContainEqual(
      expect.objectContaining({ status: 'completed', stdout: 'once\n' }),
    );
  });

  it('ask for different tools one after the other', async () => {
    const names: string[] = [];
    const ship = tool({ ...SHIP, execute: () => 'shipped' });
    const { tools } = open({ tools: [pay, ship] });
    const { agent, model } = programmer(['tools.pay(amount=1)\ntools.ship()'], tools);
    let result = await go(agent);
    for (let round = 0; result.interruptions.length > 0 && round < 5; round++) {
      names.push(...result.interruptions.map((item) => item.name ?? ''));
      result = await resume(agent, result.state.toString(), approve);
    }
    expect([names, textsRead(model)]).toEqual([['pay', 'ship'], ['Result: "shipped"']]);
  });

  it('have the name that a tool has on the host, dots and all', async () => {
    const close = defineTool({ name: 'git.hub.close', description: '', needsApproval: true, execute: () => 'closed' });
    const { tools } = open({ tools: [close] });
    const { agent, model } = programmer(['tools.git.hub.close()'], tools);
    const { interruptions, state } = await go(agent);
    expect(interruptions.map((item) => item.name)).toEqual(['git.hub.close']);
    await resume(agent, state.toString(), approve);
    expect(textsRead(model)).toEqual(['Result: "closed"']);
  });

  it('do nothing twice when a stored state is resumed twice', async () => {
    const { tools } = open({ tools: [pay] });
    const { agent, model } = programmer(['tools.pay(amount=7)'], tools);
    const stored = (await go(agent)).state.toString();
    await resume(agent, stored, approve);
    model.enqueue([assistantMessage('done')]);
    await resume(agent, stored, approve);
    expect(textsRead(model)).toEqual([expect.stringMatching(/^The run that asked for this approval is gone /u)]);
    expect(paid).toEqual([7]);
  });

  it('end a run that the conversation went on without', async () => {
    const { tools } = open({ tools: [pay] });
    const first = programmer(['tools.pay(amount=7)'], tools);
    const context = { threadId: 'ann' };
    const stored = (await go(first.agent, context)).state.toString();
    const second = programmer(['1 + 1'], tools);
    await go(second.agent, context);
    expect(textsRead(second.model)).toEqual(['Result: 2']);
    await resume(first.agent, stored, approve);
    expect(textsRead(first.model)[0]).toMatch(/^The run that asked for this approval is gone .*run the code again\.$/u);
    expect(paid).toEqual([]);
  });

  it('refuse what the model runs at the same time', async () => {
    const { tools } = open({ tools: [pay] });
    const { agent, model } = programmer([['tools.pay(amount=7)', 'x = 2']], tools);
    await resume(agent, (await go(agent)).state.toString(), approve);
    expect(textsRead(model).sort()).toEqual([
      expect.stringContaining('Another run of this session waits for an approval, so this code did not run.'),
      'Result: 1',
    ]);
  });

  it('are not for a caller that cannot be interrupted', async () => {
    const { tools } = open({ tools: [pay] });
    const text = await tools[0].invoke(new RunContext(), '{"code":"tools.pay(amount=7)"}');
    expect(text).toContain('This call needs approval and nobody can be asked');
    expect(paid).toEqual([]);
  });

  it('give way to onApproval', async () => {
    const onApproval = (requests: { requestId: string }[]) =>
      requests.map(({ requestId }) => ({ requestId, approved: true }));
    const { tools } = open({ tools: [pay], onApproval });
    const { agent } = programmer(['tools.pay(amount=7)'], tools);
    expect([(await go(agent)).finalOutput, paid]).toEqual(['done', [7]]);
  });
});

describe('the gate of runCode itself', () => {
  it('shows the code before it runs, and calls from it ask in their turn', async () => {
    const { tools } = open({ tools: [pay], needsApproval: true });
    const { agent, model } = programmer(['tools.pay(amount=7)'], tools);
    const whole = await go(agent);
    expect(whole.interruptions.map((item) => [item.name, item.arguments])).toEqual([
      ['runCode', '{"code":"tools.pay(amount=7)"}'],
    ]);
    const call = await resume(agent, whole.state.toString(), approve);
    expect(call.interruptions.map((item) => item.name)).toEqual(['pay']);
    await resume(agent, call.state.toString(), approve);
    expect([textsRead(model), paid]).toEqual([['Result: 1'], [7]]);
  });

  it('asks when its function throws, and not when it says no', async () => {
    const needsApproval = async (_: unknown, input: unknown) => {
      const { code } = input as { code: string };
      if (code === '1') return false;
      throw new Error('no opinion');
    };
    const { tools } = open({ needsApproval });
    const { agent, model } = programmer(['1', '2'], tools);
    const { interruptions, state } = await go(agent);
    expect(interruptions.map((item) => item.arguments)).toEqual(['{"code":"2"}']);
    await resume(agent, state.toString(), (item, s) => s.reject(item, { message: 'Not that.' }));
    expect(textsRead(model)).toEqual(['Result: 1', 'Not that.']);
  });
});

const SHIP = {
  name: 'ship',
  description: 'Ships.',
  parameters: { type: 'object' as const, properties: {}, required: [], additionalProperties: false as const },
  needsApproval: true,
};
