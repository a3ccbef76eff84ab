import { Session, type Tool, ToolError } from '@code-mode/core';
import type { ToolsInput } from '@mastra/core/agent';
import { RequestContext } from '@mastra/core/request-context';
import { createTool } from '@mastra/core/tools';
import { jsonSchema, tool } from 'ai';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { z as z3 } from 'zod/v3';
import { fromMastraTools } from '../src/index.ts';

const context = { sessionId: 's', runId: 's-r1', callId: 7, toolName: 't', signal: new AbortController().signal };
const about = { id: 't', description: 'd' };

function only(tools: ToolsInput, options?: Parameters<typeof fromMastraTools>[1]): Tool {
  return [...(fromMastraTools(tools, options).tools() as Tool[])][0] as Tool;
}

describe('fromMastraTools', () => {
  it('takes key, description, both schemas and the hints of MCP', () => {
    const weather = createTool({
      id: 'get-weather',
      description: 'Forecast for a city.',
      inputSchema: z.object({ city: z.string(), days: z.int().default(3) }),
      outputSchema: z.object({ t: z.number() }),
      mcp: { annotations: { readOnlyHint: true, openWorldHint: false, title: 'T' } },
      execute: async () => ({ t: 1 }),
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
      annotations: { readOnly: true, openWorld: false },
    });
    expect(only({ weather }, { prefix: 'meteo', rename: { weather: 'forecast' } }).name).toBe('meteo.forecast');
  });

  it.each([
    ['zod 3', z3.object({ n: z3.number() })],
    ['a schema of the AI SDK', jsonSchema({ type: 'object', properties: { n: { type: 'number' } }, required: ['n'] })],
    ['JSON Schema', { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] }],
  ])('takes %s', (_, inputSchema) => {
    const t = createTool({ ...about, inputSchema: inputSchema as never, execute: async () => 1 });
    expect(only({ t }).inputSchema).toMatchObject({ properties: { n: { type: 'number' } }, required: ['n'] });
  });

  it('names the tool whose input schema cannot be used', () => {
    const bad = createTool({ ...about, inputSchema: z.object({ when: z.date() }), execute: async () => 1 });
    expect(() => only({ bad })).toThrow(/^Tool 'bad': its input schema cannot become a JSON Schema/u);
  });

  it('lets a tool of Mastra transform its arguments once, and an AI SDK tool get them transformed', async () => {
    const inputSchema = z.object({ n: z.string().transform(Number), m: z.int().default(2) });
    const seen: unknown[] = [];
    await using session = new Session({
      tools: [
        fromMastraTools({
          ours: createTool({ ...about, inputSchema, execute: async (input) => void seen.push(input) }),
          theirs: tool({ inputSchema, execute: (input) => void seen.push(input) }) as never,
        }),
      ],
    });
    await session.run('tools.ours(n="4")\ntools.theirs(n="5")');
    expect(seen).toEqual([
      { n: 4, m: 2 },
      { n: 5, m: 2 },
    ]);
  });

  it('asks nobody about arguments that the schema refuses', async () => {
    const inputSchema = z.object({ n: z.int().refine((n) => n % 2 === 0, 'must be even') });
    const asked: unknown[] = [];
    const gated = createTool({ ...about, inputSchema, requireApproval: true, execute: async () => 1 });
    await using session = new Session({
      tools: [fromMastraTools({ gated })],
      onApproval: (requests) => {
        asked.push(requests);
        return [];
      },
    });
    expect(await session.run('tools.gated(n=3)')).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('must be even') },
    });
    expect(asked).toEqual([]);
  });

  it('raises what Mastra returns of a wrong output', async () => {
    const t = createTool({
      ...about,
      outputSchema: z.object({ n: z.number() }),
      execute: async () => ({ n: 'x' }) as never,
    });
    await expect(only({ t }).execute({}, context)).rejects.toThrow(ToolError);
  });

  it('passes the context of the runCode call, with the id, the signal and no resume of its own', async () => {
    const calls: Record<string, unknown>[] = [];
    const t = createTool({ ...about, execute: async (_, call) => void calls.push({ ...call }) });
    const requestContext = new RequestContext([['user', 'ann']]);
    const runContext = {
      requestContext,
      resumeData: { approved: true },
      agent: {
        agentId: 'a',
        toolCallId: 'c1',
        threadId: 'T',
        messages: [],
        resumeData: { approved: true },
        suspendPayload: {},
      },
    };
    await only({ t }).execute({}, { ...context, runContext });
    expect(calls).toMatchObject([
      {
        requestContext,
        abortSignal: context.signal,
        resumeData: undefined,
        agent: { toolCallId: 'c1:7', threadId: 'T', resumeData: undefined, suspendPayload: undefined },
      },
    ]);
    await only({ t }).execute({}, context);
    expect(calls[1]).toMatchObject({ agent: { toolCallId: 's-r1:7' }, requestContext: expect.any(RequestContext) });
  });

  it('says that a tool cannot suspend', async () => {
    const t = createTool({ ...about, execute: async (_, { agent }) => void (await agent?.suspend({})) });
    await expect(only({ t }).execute({}, context)).rejects.toThrow(
      't suspends, which a tool cannot do when Python calls it. Give it `requireApproval` instead, or let the model call it.',
    );
  });

  it.each([
    ['nothing', {}, undefined],
    ['false', { requireApproval: false }, undefined],
    ['true', { requireApproval: true }, true],
    ['a function', { requireApproval: ({ n }: { n: number }) => n > 1 }, true],
    ['a function with the request context', { requireApproval: async (_: unknown, c: object) => !('user' in c) }, true],
    ['a function that says no', { requireApproval: () => false }, false],
  ])('reads requireApproval: %s', async (_, gate, expected) => {
    const t = createTool({
      ...about,
      inputSchema: z.object({ n: z.number() }),
      ...(gate as object),
      execute: async () => 1,
    });
    expect(await only({ t }).needsApproval?.({ n: 2 }, context)).toBe(expected);
  });

  it('reads the gates that an MCP client and the AI SDK set', async () => {
    const asked: unknown[] = [];
    const gate = (...args: unknown[]) => asked.push(args) > 0;
    const mcp = Object.assign(createTool({ ...about, requireApproval: true, execute: async () => 1 }), {
      needsApprovalFn: gate,
    });
    const sdk = tool({ inputSchema: z.object({}), needsApproval: gate, execute: () => 1 }) as never;
    const runContext = {
      requestContext: new RequestContext([['user', 'ann']]),
      agent: { toolCallId: 'c1', messages: ['m'] },
    };
    for (const tools of [{ mcp }, { sdk }]) {
      expect(await only(tools).needsApproval?.({ n: 2 }, { ...context, runContext })).toBe(true);
    }
    const told = { requestContext: { user: 'ann' }, toolCallId: 'c1:7', messages: ['m'] };
    expect(asked).toMatchObject([
      [{ n: 2 }, told],
      [{ n: 2 }, told],
    ]);
  });

  it('keeps a gate closed that throws, or that is no gate', async () => {
    const calls: unknown[] = [];
    const execute = async () => calls.push(1);
    const broken = () => {
      throw new Error('no database');
    };
    const t = createTool({ ...about, requireApproval: broken, execute });
    const u = Object.assign(createTool({ ...about, execute }), { requireApproval: 'always' });
    await using session = new Session({ tools: [fromMastraTools({ t, u } as never)] });
    for (const code of ['tools.t()', 'tools.u()']) {
      expect(await session.run(code)).toMatchObject({ status: 'failed', calls: [{ status: 'denied' }] });
    }
    expect(calls).toEqual([]);
  });

  it('unwraps what an MCP tool returns, and nothing of another tool', async () => {
    const result = { content: [{ type: 'text', text: '[1, 2]' }] };
    const t = createTool({ ...about, mcpMetadata: { serverName: 'm' }, execute: async () => result });
    const u = createTool({ ...about, execute: async () => result });
    expect(await only({ t }).execute({}, context)).toEqual([1, 2]);
    expect(await only({ u }).execute({}, context)).toEqual(result);
  });

  it('skips tools that only others can run, and says why', () => {
    const ask = createTool(about);
    const search = { type: 'provider-defined', id: 'openai.web_search', args: {} };
    const source = fromMastraTools({ ask, search } as never);
    expect(source.tools()).toEqual([]);
    expect(source.problems()).toEqual([
      { source: 'mastra', subject: 'ask', message: 'Python cannot call it: it has no execute function.' },
      { source: 'mastra', subject: 'search', message: 'Python cannot call it: the model provider runs it.' },
    ]);
  });
});
