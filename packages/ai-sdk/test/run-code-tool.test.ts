import { setTimeout as sleep } from 'node:timers/promises';
import {
  CodeModeError,
  defineTool,
  type RunCodeOutput,
  type RunResult,
  Session,
  type SessionEvent,
} from '@code-mode/core';
import { generateText, isStepCount, streamText } from 'ai';
import { afterEach, describe, expect, it } from 'vitest';
import { createRunCodeTool } from '../src/index.ts';
import { descriptionSeen, programmer, scriptedModel, toolResultsSeen } from './mock-model.ts';

const sessions: Session[] = [];
const open = (...args: ConstructorParameters<typeof Session>) => {
  const session = new Session(...args);
  sessions.push(session);
  return session;
};

afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.close()));
});

const stopWhen = isStepCount(5);

describe('createRunCodeTool', () => {
  it('runs the whole loop of generateText', async () => {
    const model = programmer('print("hi")\nx = 20', 'x + 1');
    const runCode = createRunCodeTool(open());
    const { text, steps } = await generateText({ model, tools: { runCode }, prompt: 'go', stopWhen });
    expect(text).toBe('done');
    expect(toolResultsSeen(model)).toEqual([
      { type: 'text', value: 'hi' },
      { type: 'text', value: 'Result: 21' },
    ]);
    expect(steps[0]?.toolResults[0]?.output).toMatchObject({ status: 'completed', stdout: 'hi\n', calls: [] });
    expect(steps[1]?.toolResults[0]?.output).toMatchObject({ status: 'completed', stdout: '', result: 21 });
  });

  it('offers the model one string, code', async () => {
    const model = programmer();
    await generateText({ model, tools: { runCode: createRunCodeTool(open()) }, prompt: 'go' });
    expect(model.doGenerateCalls[0]?.tools).toMatchObject([
      {
        type: 'function',
        name: 'runCode',
        inputSchema: {
          type: 'object',
          required: ['code'],
          additionalProperties: false,
          properties: { code: { type: 'string' } },
        },
      },
    ]);
  });

  it('streams what Python prints, each time as a complete snapshot', async () => {
    const gate = Promise.withResolvers<void>();
    const wait = defineTool({ name: 'wait', description: 'Waits.', execute: () => gate.promise });
    const model = programmer('print("one")\ntools.wait()\nprint("two")\n"end"');
    const runCode = createRunCodeTool(open({ tools: [wait] }));
    const outputs: { preliminary: boolean; output: RunCodeOutput }[] = [];
    for await (const part of streamText({ model, tools: { runCode }, prompt: 'go', stopWhen }).stream) {
      if (part.type !== 'tool-result' || part.dynamic) continue;
      outputs.push({ preliminary: part.preliminary ?? false, output: part.output });
      gate.resolve();
    }
    const runId = outputs[0]?.output.runId;
    expect(outputs[0]).toEqual({
      preliminary: true,
      output: { status: 'running', runId, stdout: 'one\n', stderr: '' },
    });
    expect(outputs.at(-1)).toMatchObject({ preliminary: false, output: { status: 'completed', runId, result: 'end' } });
    for (const { output } of outputs) expect('one\ntwo\n'.startsWith(output.stdout)).toBe(true);
    expect(toolResultsSeen(model)).toEqual([{ type: 'text', value: 'one\ntwo\nResult: "end"' }]);
  });

  it('does not yield a snapshot for each line of a chatty program', async () => {
    const outputs: RunCodeOutput[] = [];
    for await (const output of execute(createRunCodeTool(open()), 'for i in range(20_000): print(i)'))
      outputs.push(output);
    const result = outputs.pop() as RunResult;
    expect(result.stdout).toHaveLength(108_890);
    // At most one each 100 ms.
    expect(outputs.length).toBeLessThanOrEqual(result.durationMs / 100 + 1);
    for (const { stdout } of outputs) expect(stdout.length).toBeLessThan(10_100);
  });

  it('gives the model images as file parts', async () => {
    const png = Buffer.from('89504e470d0a1a0a', 'hex').toString('base64');
    const code = `class P:\n  def _repr_png_(self):\n    return bytes.fromhex("89504e470d0a1a0a")\nprint("look")\ndisplay(P())`;
    const model = programmer(code);
    await generateText({ model, tools: { runCode: createRunCodeTool(open()) }, prompt: 'go', stopWhen });
    expect(toolResultsSeen(model)).toMatchObject([
      {
        type: 'content',
        value: [
          { type: 'text', text: 'look\n[image/png shown]' },
          { type: 'file', mediaType: 'image/png', data: { type: 'data', data: png } },
        ],
      },
    ]);
  });

  it('ends the run with the signal of the call', async () => {
    const controller = new AbortController();
    const session = open();
    const running = generateText({
      model: programmer('print("started", flush=True)\nwhile True: pass'),
      tools: { runCode: createRunCodeTool(session) },
      prompt: 'go',
      stopWhen,
      abortSignal: controller.signal,
      onToolExecutionStart: () => void sleep(200).then(() => controller.abort()),
    });
    await expect(running).rejects.toThrow(/abort/iu);
    expect(await session.run('"alive"')).toMatchObject({ status: 'completed', result: 'alive' });
  });

  it('stops the run when nobody listens any more', async () => {
    const ends: RunResult[] = [];
    const onEvent = (event: SessionEvent) => void (event.type === 'run-end' && ends.push(event.result));
    const session = open({ onEvent, limits: { interruptGraceMs: 10_000 } });
    for await (const output of execute(createRunCodeTool(session), 'x = 1\nprint("a")\nwhile True: pass')) {
      expect(output).toMatchObject({ status: 'running', stdout: 'a\n' });
      break;
    }
    expect(await session.run('x')).toMatchObject({ status: 'completed', result: 1 });
    expect(ends).toMatchObject([{ status: 'interrupted', reason: 'aborted' }, { status: 'completed' }]);
  });

  it('stops a program that computes longer than timeoutMs', async () => {
    const model = programmer('while True: pass');
    const runCode = createRunCodeTool(open(), { timeoutMs: 100 });
    const { text } = await generateText({ model, tools: { runCode }, prompt: 'go', stopWhen });
    expect(text).toBe('done');
    expect(toolResultsSeen(model)).toMatchObject([
      { type: 'text', value: expect.stringContaining('more than 100 ms') },
    ]);
  });

  it('cuts the text for the model at maxResultChars', async () => {
    const model = programmer('print("x" * 5000)');
    await generateText({
      model,
      tools: { runCode: createRunCodeTool(open(), { maxResultChars: 500 }) },
      prompt: 'go',
      stopWhen,
    });
    const [seen] = toolResultsSeen(model);
    expect(seen?.type === 'text' && seen.value.length).toBeLessThanOrEqual(500);
  });

  it('throws for broken machinery, which the SDK shows to the model as an error', async () => {
    const session = open();
    const runCode = createRunCodeTool(session);
    await session.close();
    const model = programmer('1');
    await generateText({ model, tools: { runCode }, prompt: 'go', stopWhen });
    expect(toolResultsSeen(model)).toMatchObject([
      { type: 'error-text', value: expect.stringContaining('The session is closed.') },
    ]);
    const thrown = await execute(runCode, '1')
      .next()
      .catch((error: unknown) => error);
    expect(CodeModeError.isInstance(thrown) && thrown.code).toBe('session_closed');
  });

  it('tells the model about a call without code', async () => {
    const model = scriptedModel([{ toolName: 'runCode', input: { python: '1' } }]);
    await generateText({ model, tools: { runCode: createRunCodeTool(open()) }, prompt: 'go', stopWhen });
    expect(toolResultsSeen(model)).toMatchObject([
      { type: 'error-text', value: expect.stringContaining('runCode takes { code: string }') },
    ]);
  });

  it('describes the tools known at each step', async () => {
    const session = open();
    const runCode = createRunCodeTool(session);
    const model = programmer('1');
    const late = defineTool({ name: 'late', description: 'Comes late.', execute: () => 1 });
    await generateText({
      model,
      tools: { runCode },
      prompt: 'go',
      stopWhen,
      onStepEnd: () => session.tools.bind('test', [late]),
    });
    expect(descriptionSeen(model, 0)).not.toContain('late');
    expect(descriptionSeen(model, 1)).toContain('def late()');
  });

  it('says of a stored snapshot that the run did not end', async () => {
    const output: RunCodeOutput = { status: 'running', runId: 'r', stdout: 'half\n', stderr: '' };
    const seen = await createRunCodeTool(open()).toModelOutput?.({ toolCallId: 'c', input: { code: '' }, output });
    expect(seen).toEqual({ type: 'text', value: 'half\n[The run did not end.]' });
  });
});

function execute(runCode: ReturnType<typeof createRunCodeTool>, code: string): AsyncGenerator<RunCodeOutput> {
  const call = { toolCallId: 'c1', messages: [], context: undefined };
  return runCode.execute?.({ code }, call as never) as AsyncGenerator<RunCodeOutput>;
}
