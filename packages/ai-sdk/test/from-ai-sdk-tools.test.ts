import { CodeModeError, Session, type Tool, ToolError, ToolImage } from '@code-mode/core';
import { dynamicTool, jsonSchema, type ToolExecutionOptions, type ToolSet, tool } from 'ai';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fromAiSdkTools } from '../src/index.ts';
import { webSearch } from './provider-tool.ts';

const context = { sessionId: 's', runId: 's-r1', callId: 7, toolName: 't', signal: new AbortController().signal };

function only(toolSet: ToolSet, options?: Parameters<typeof fromAiSdkTools>[1]): Tool {
  const tools = fromAiSdkTools(toolSet, options).tools();
  if (!Array.isArray(tools)) throw new Error('the tools are not known at once');
  return tools[0] as Tool;
}

const mcpTool = (result: unknown) =>
  only({
    t: dynamicTool({
      description: 'd',
      inputSchema: jsonSchema({ type: 'object', properties: {} }),
      execute: () => result,
    }),
  });

describe('fromAiSdkTools', () => {
  it('takes name, description and both schemas', () => {
    const weather = tool({
      description: 'Forecast for a city.',
      inputSchema: z.object({ city: z.string(), days: z.int().default(3) }),
      outputSchema: z.object({ t: z.number() }),
      execute: () => ({ t: 1 }),
    });
    expect(only({ weather })).toMatchObject({
      name: 'weather',
      description: 'Forecast for a city.',
      inputSchema: {
        type: 'object',
        properties: { city: { type: 'string' }, days: { default: 3 } },
        required: ['city'],
      },
      outputSchema: { type: 'object', properties: { t: { type: 'number' } } },
    });
    expect(only({ weather }, { prefix: 'meteo' }).name).toBe('meteo.weather');
  });

  it('validates with the schema of the tool, its defaults and refinements', async () => {
    const even = z.object({ n: z.int().refine((n) => n % 2 === 0, 'must be even'), unit: z.string().default('m') });
    const converted = only({ t: tool({ inputSchema: even, execute: () => 1 }) });
    expect(await converted.validate?.({ n: 2 })).toEqual({ ok: true, input: { n: 2, unit: 'm' } });
    expect(await converted.validate?.({ n: 3 })).toEqual({
      ok: false,
      issues: [{ path: ['n'], expected: '', message: 'must be even' }],
    });
  });

  it('waits for a schema that loads', async () => {
    const inputSchema = jsonSchema<{ a: number }>(async () => ({
      type: 'object',
      properties: { a: { type: 'number' } },
    }));
    const loading = fromAiSdkTools({ t: tool({ inputSchema, execute: ({ a }) => a }) }).tools();
    expect(Array.isArray(loading)).toBe(false);
    expect((await loading)[0]?.inputSchema).toEqual({ type: 'object', properties: { a: { type: 'number' } } });
  });

  it('leaves out an output schema that JSON Schema cannot say', () => {
    const converted = only({
      t: tool({ inputSchema: z.object({}), outputSchema: z.custom<Date>(), execute: () => new Date(0) }),
    });
    expect(converted.outputSchema ?? {}).toEqual({});
    expect(
      only({ t: tool({ inputSchema: z.object({}), outputSchema: z.date(), execute: () => new Date(0) }) }),
    ).not.toHaveProperty('outputSchema');
  });

  it('names the tool whose input schema cannot be used', () => {
    const bad = { t: tool({ inputSchema: z.object({ when: z.date() }), execute: () => 1 }) };
    expect(() => fromAiSdkTools(bad).tools()).toThrow(/^Tool 't': its input schema cannot become a JSON Schema/u);
  });

  it('makes a description from the context of the tool', () => {
    const inputSchema = z.object({});
    const contextSchema = z.object({ user: z.string() });
    const t = tool({ description: (o) => `Mail of ${o.context.user}.`, inputSchema, contextSchema, execute: () => 1 });
    expect(only({ t }, { toolsContext: { t: { user: 'Ada' } } }).description).toBe('Mail of Ada.');
    expect(only({ t }).description).toBe('');
  });

  it('skips tools that only others can run, and says why', () => {
    const ask = tool({ description: 'Asks the user.', inputSchema: z.object({}), outputSchema: z.string() });
    const source = fromAiSdkTools({ ask, search: webSearch });
    expect(source.tools()).toEqual([]);
    expect(source.problems()).toEqual([
      { source: 'ai-sdk', subject: 'ask', message: 'Python cannot call it: it has no execute function.' },
      { source: 'ai-sdk', subject: 'search', message: 'Python cannot call it: the model provider runs it.' },
    ]);
  });

  it('passes call id, signal, messages and context', async () => {
    const calls: ToolExecutionOptions<unknown>[] = [];
    const inputSchema = z.object({});
    const contextSchema = z.object({ key: z.string() });
    const t = tool({ inputSchema, contextSchema, execute: (_, options) => void calls.push(options) });
    await only({ t }, { toolsContext: { t: { key: 'k' } } }).execute({}, context);
    expect(calls).toEqual([{ toolCallId: 's-r1:7', messages: [], context: { key: 'k' }, abortSignal: context.signal }]);
    await expect(only({ t }).execute({}, context)).rejects.toThrow(
      "Tool 't': it did not get the context it needs; the host passes it in `toolsContext`.",
    );
    expect(calls).toHaveLength(1);
  });

  it('takes the last value of a tool that streams', async () => {
    async function* execute() {
      yield 'loading';
      yield 'loaded';
    }
    expect(await only({ t: tool({ inputSchema: z.object({}), execute }) }).execute({}, context)).toBe('loaded');
  });

  it.each([
    [undefined, undefined],
    [false, undefined],
    [true, true],
    [(input: { n: number }) => input.n > 1, true],
    [async (_: unknown, { toolCallId }: { toolCallId: string }) => toolCallId === 's-r1:7', true],
    [() => false, false],
  ])('reads needsApproval %#', async (needsApproval, expected) => {
    const t = tool({
      inputSchema: z.object({ n: z.number() }),
      execute: () => 1,
      ...(needsApproval !== undefined && { needsApproval }),
    });
    expect(await only({ t }).needsApproval?.({ n: 2 }, context)).toBe(expected);
  });

  it('keeps a gate that throws closed', async () => {
    const calls: unknown[] = [];
    const t = tool({
      inputSchema: z.object({}),
      needsApproval: () => {
        throw new Error('no database');
      },
      execute: () => calls.push(1),
    });
    await using session = new Session({ tools: [fromAiSdkTools({ t })] });
    expect(await session.run('tools.t()')).toMatchObject({ status: 'failed', calls: [{ status: 'denied' }] });
    expect(calls).toEqual([]);
  });

  it('reads the hints of MCP tools', () => {
    const t = {
      ...tool({ inputSchema: z.object({}), execute: () => 1 }),
      metadata: { annotations: { readOnlyHint: true, openWorldHint: false, title: 'T' } },
    };
    expect(only({ t }).annotations).toEqual({ title: 'T', readOnly: true, openWorld: false });
  });

  it.each([
    [
      'structured content first',
      { content: [{ type: 'text', text: '{"a":1}' }], structuredContent: { a: 2 } },
      { a: 2 },
    ],
    ['text that is JSON', { content: [{ type: 'text', text: '[1, 2]' }] }, [1, 2]],
    ['other text', { content: [{ type: 'text', text: '42' }] }, '42'],
    ['text that only begins like JSON', { content: [{ type: 'text', text: '[draft] hello' }] }, '[draft] hello'],
    [
      'several parts',
      {
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
      ['a', 'b'],
    ],
    ['no part', { content: [] }, null],
    [
      'an image',
      { content: [{ type: 'image', data: 'AQI=', mimeType: 'image/png' }] },
      new ToolImage(Buffer.of(1, 2), 'image/png'),
    ],
    [
      'a text resource',
      { content: [{ type: 'resource', resource: { uri: 'f:a', text: 'hi' } }] },
      { type: 'resource', resource: { uri: 'f:a', text: 'hi' } },
    ],
    [
      'a binary resource',
      { content: [{ type: 'resource', resource: { uri: 'f:a', blob: 'AQI=' } }] },
      { type: 'resource', resource: { uri: 'f:a', blob: Buffer.of(1, 2) } },
    ],
    [
      'a link',
      { content: [{ type: 'resource_link', uri: 'f:a', name: 'a' }] },
      { type: 'resource_link', uri: 'f:a', name: 'a' },
    ],
    ['what is no MCP result', { content: 'page', title: 'T' }, { content: 'page', title: 'T' }],
  ])('unwraps MCP results: %s', async (_, result, expected) => {
    expect(await mcpTool(result).execute({}, context)).toEqual(expected);
  });

  it('raises what an MCP tool reports as an error', async () => {
    const failing = mcpTool({
      isError: true,
      content: [{ type: 'text', text: 'no such repo' }],
      structuredContent: { status: 404 },
    });
    const thrown = await (failing.execute({}, context) as Promise<unknown>).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ToolError);
    expect(thrown).toMatchObject({ message: 'no such repo', details: { status: 404 } });
  });

  it('refuses what is no tool of the AI SDK', () => {
    const wrong = { t: { inputSchema: { type: 'object' }, execute: () => 1 } } as unknown as ToolSet;
    expect(() => fromAiSdkTools(wrong).tools()).toThrow(CodeModeError);
  });
});
