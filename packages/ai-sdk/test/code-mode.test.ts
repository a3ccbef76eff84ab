import { type ApprovalRequest, CodeModeError, defineTool, type SessionEvent } from '@code-mode/core';
import { generateText, isStepCount, jsonSchema, type ToolExecutionOptions, ToolLoopAgent, tool } from 'ai';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type CodeMode, type CreateCodeModeOptions, createCodeMode, fromAiSdkTools } from '../src/index.ts';
import { descriptionSeen, programmer, toolResultsSeen } from './mock-model.ts';
import { webSearch } from './provider-tool.ts';

const opened: CodeMode[] = [];
const open = (options?: CreateCodeModeOptions) => {
  const codeMode = createCodeMode(options);
  opened.push(codeMode);
  return codeMode;
};

afterEach(async () => {
  await Promise.all(opened.splice(0).map((codeMode) => codeMode.close()));
});

const stopWhen = isStepCount(5);
const double = tool({
  description: 'Doubles a number.',
  inputSchema: z.object({ n: z.number() }),
  execute: async ({ n }) => n * 2,
});

describe('createCodeMode', () => {
  it('has the tools of a tool set in its first description', async () => {
    const { tools, instructions } = open({ tools: { double } });
    const model = programmer('tools.double(n=21)');
    await generateText({ model, tools, instructions, prompt: 'go', stopWhen });
    expect(descriptionSeen(model)).toContain('def double(*, n: float)');
    expect(model.doGenerateCalls[0]?.prompt[0]).toEqual({ role: 'system', content: instructions });
    expect(toolResultsSeen(model)).toEqual([{ type: 'text', value: 'Result: 42' }]);
  });

  it('takes a list of tools and sources', async () => {
    const core = defineTool({ name: 'one', description: 'One.', execute: () => 1 });
    const source = {
      name: 'late',
      tools: async () => [defineTool({ name: 'three', description: 'Three.', execute: () => 3 })],
    };
    const { tools, session } = open({ tools: [core, fromAiSdkTools({ double }), source] });
    await session.tools.list();
    const model = programmer('tools.one() + tools.double(n=2) + tools.three()');
    await generateText({ model, tools, prompt: 'go', stopWhen });
    for (const name of ['one', 'double', 'three']) expect(descriptionSeen(model)).toContain(`def ${name}(`);
    expect(toolResultsSeen(model)).toEqual([{ type: 'text', value: 'Result: 8' }]);
  });

  it('works without tools', async () => {
    expect(await open().session.run('1 + 1')).toMatchObject({ status: 'completed', result: 2 });
  });

  it('says which tools Python does not get', async () => {
    expect(await open({ tools: { double, webSearch } }).session.tools.problems()).toEqual([
      { source: 'ai-sdk', subject: 'webSearch', message: 'Python cannot call it: the model provider runs it.' },
    ]);
  });

  it('serves an agent', async () => {
    const { tools, instructions } = open({ tools: { double } });
    const agent = new ToolLoopAgent({ model: programmer('tools.double(n=4)'), tools, instructions, stopWhen });
    const { text, steps } = await agent.generate({ prompt: 'go' });
    expect(text).toBe('done');
    expect(steps[0]?.toolResults[0]?.output).toMatchObject({ status: 'completed', result: 8 });
  });

  it('leaves nothing behind when closed', async () => {
    const pids: number[] = [];
    const onEvent = (event: SessionEvent) => void (event.type === 'kernel-start' && pids.push(event.pid as number));
    const codeMode = createCodeMode({ onEvent });
    await codeMode.session.run('1');
    expect(() => process.kill(pids[0] as number, 0)).not.toThrow();
    await codeMode.close();
    await codeMode[Symbol.asyncDispose]();
    await expect.poll(() => isRunning(pids[0] as number)).toBe(false);
    expect(pids).toHaveLength(1);
  });
});

describe('a nested tool with needsApproval', () => {
  const deleted: string[] = [];
  const remove = tool({
    description: 'Deletes a file.',
    inputSchema: z.object({ path: z.string() }),
    needsApproval: ({ path }) => path !== 'tmp',
    execute: async ({ path }) => void deleted.push(path),
  });
  const run = async (onApproval?: CreateCodeModeOptions['onApproval']) => {
    deleted.length = 0;
    const { tools } = open({ tools: { remove }, ...(onApproval && { onApproval }) });
    const model = programmer('tools.remove(path="tmp")\ntools.remove(path="home")\n"after"');
    await generateText({ model, tools, prompt: 'go', stopWhen });
    const [seen] = toolResultsSeen(model);
    return seen?.type === 'text' ? seen.value : undefined;
  };

  it('runs once approved', async () => {
    const asked: ApprovalRequest[] = [];
    const text = await run((requests) => {
      asked.push(...requests);
      return requests.map(({ requestId }) => ({ requestId, approved: true }));
    });
    expect(asked).toMatchObject([{ toolName: 'remove', arguments: { path: 'home' }, line: 2 }]);
    expect(deleted).toEqual(['tmp', 'home']);
    expect(text).toBe('Result: "after"');
  });

  it('does not run when denied, and the model reads why', async () => {
    const text = await run((requests) =>
      requests.map(({ requestId }) => ({ requestId, approved: false, message: 'Keep it.' })),
    );
    expect(deleted).toEqual(['tmp']);
    expect(text).toContain('Keep it.');
  });

  it('does not run when nobody can be asked', async () => {
    const text = await run();
    expect(deleted).toEqual(['tmp']);
    expect(text).toContain('nobody can be asked');
  });
});

describe('experimental_toolCallers', () => {
  const calls: ToolExecutionOptions<unknown>[] = [];
  const inputSchema = z.object({ city: z.string() });
  const weather = tool({
    description: 'Weather of a city.',
    inputSchema,
    execute: ({ city }, options) => {
      calls.push(options);
      return { t: city.length };
    },
  });

  it('gives Python the tools that are routed to runCode', async () => {
    calls.length = 0;
    const { tools } = open();
    const model = programmer('tools.weather(city="Oslo")["t"]', 'tools.weather(city="Bergen")["t"]');
    const { text } = await generateText({
      model,
      tools: { ...tools, weather, double },
      experimental_toolCallers: { weather: ['runCode'] },
      prompt: 'go',
      stopWhen,
    });
    expect(text).toBe('done');
    expect(model.doGenerateCalls[0]?.tools?.map(({ name }) => name)).toEqual(['runCode', 'double']);
    expect(descriptionSeen(model)).toContain('def weather(*, city: str)');
    expect(toolResultsSeen(model)).toEqual([
      { type: 'text', value: 'Result: 4' },
      { type: 'text', value: 'Result: 6' },
    ]);
    expect(calls.map(({ toolCallId }) => toolCallId)).toEqual(['c1:1', 'c2:2']);
    expect(calls[0]?.messages).toEqual([{ role: 'user', content: 'go' }]);
  });

  it('replaces the tools of an earlier call', async () => {
    calls.length = 0;
    const { tools } = open();
    const use = async (name: 'weather' | 'double', code: string) => {
      const model = programmer(code);
      const all = { ...tools, weather, double };
      await generateText({
        model,
        tools: all,
        experimental_toolCallers: { [name]: ['runCode'] },
        prompt: 'go',
        stopWhen,
      });
      return toolResultsSeen(model)[0];
    };
    expect(await use('weather', 'tools.weather(city="Oslo")["t"]')).toEqual({ type: 'text', value: 'Result: 4' });
    expect(await use('double', 'tools.double(n=1)')).toEqual({ type: 'text', value: 'Result: 2' });
    expect(await use('double', 'tools.weather(city="Oslo")')).toMatchObject({
      value: expect.stringMatching(/weather[\s\S]*double/u),
    });
    expect(calls).toHaveLength(1);
  });

  it('tells a nested tool that the outer call was aborted', async () => {
    const controller = new AbortController();
    const aborted = Promise.withResolvers<void>();
    const slow = tool({
      inputSchema: z.object({}),
      execute: async (_, { abortSignal }) => {
        abortSignal?.addEventListener('abort', () => aborted.resolve());
        controller.abort();
        await aborted.promise;
      },
    });
    const running = generateText({
      model: programmer('tools.slow()'),
      tools: { ...open().tools, slow },
      experimental_toolCallers: { slow: ['runCode'] },
      prompt: 'go',
      stopWhen,
      abortSignal: controller.signal,
    });
    await expect(running).rejects.toThrow(/abort/iu);
    await aborted.promise;
  });

  it('keeps the gate of a tool', async () => {
    const ran: unknown[] = [];
    const gated = tool({ inputSchema: z.object({}), needsApproval: true, execute: () => ran.push(1) });
    const model = programmer('tools.gated()');
    const tools = { ...open().tools, gated };
    await generateText({ model, tools, experimental_toolCallers: { gated: ['runCode'] }, prompt: 'go', stopWhen });
    expect(ran).toEqual([]);
    expect(toolResultsSeen(model)).toMatchObject([{ value: expect.stringContaining('nobody can be asked') }]);
  });

  it('waits for tools whose schema loads', async () => {
    const lazy = tool({
      inputSchema: jsonSchema<{ n: number }>(async () => ({ type: 'object', properties: { n: { type: 'number' } } })),
      execute: ({ n }) => n + 1,
    });
    const model = programmer('tools.lazy(n=1)');
    const tools = { ...open().tools, lazy };
    await generateText({ model, tools, experimental_toolCallers: { lazy: ['runCode'] }, prompt: 'go', stopWhen });
    expect(toolResultsSeen(model)).toEqual([{ type: 'text', value: 'Result: 2' }]);
  });

  it('refuses a tool that Python cannot call', async () => {
    const tools = { ...open().tools, webSearch };
    const running = generateText({
      model: programmer('1'),
      tools,
      experimental_toolCallers: { webSearch: ['runCode'] },
      prompt: 'go',
    });
    const thrown = await running.catch((error: unknown) => error);
    expect(CodeModeError.isInstance(thrown) && thrown.message).toBe(
      "Tool 'webSearch': Python cannot call it: the model provider runs it.",
    );
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
