import { join } from 'node:path';
import { Session } from '@code-mode/core';
import { Agent, codeInterpreterTool, MCPServerStdio, type RunContext, type Tool, tool } from '@openai/agents';
import { assistantMessage, functionCall, ScriptedModel } from '@openai/agents/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fromOpenAIAgentsTools } from '../src/index.ts';
import { go, open, programmer, textsRead } from './drive.ts';

const NONE = { type: 'object' as const, properties: {}, required: [], additionalProperties: false as const };

/** What the model reads of one program. */
async function use(tools: Tool[], code: string, context?: unknown): Promise<string> {
  const { agent, model } = programmer([code], open({ tools }).tools);
  await go(agent, context);
  return textsRead(model)[0] ?? '';
}

const caught = (call: string) => `try:\n    ${call}\nexcept Exception as e:\n    print(e)`;

describe('function tools', () => {
  it('get the context of the run, a call of their own, and a signal', async () => {
    const seen: unknown[] = [];
    const who = tool({
      name: 'who',
      description: 'Who asks.',
      parameters: z.object({ greeting: z.string() }),
      execute: ({ greeting }, runContext, details) => {
        seen.push(runContext?.context, details?.toolCall, details?.signal instanceof AbortSignal);
        return greeting;
      },
    });
    expect(await use([who], 'tools.who(greeting="hi")', { user: 'ann' })).toBe('Result: "hi"');
    expect(seen).toEqual([
      { user: 'ann' },
      expect.objectContaining({ callId: 'c1:1', name: 'who', arguments: '{"greeting":"hi"}' }),
      true,
    ]);
  });

  it('take arguments that may be left out', async () => {
    const search = tool({
      name: 'find',
      description: 'Searches.',
      parameters: z.object({ query: z.string(), limit: z.number().optional(), lang: z.enum(['en']).nullable() }),
      execute: (input) => input,
    });
    expect(await use([search], 'tools.find(query="x")')).toBe('Result: {"query": "x", "lang": None}');
    expect(await use([search], 'tools.find(query="x", limit=2)')).toBe(
      'Result: {"query": "x", "limit": 2, "lang": None}',
    );
    expect(await use([search], caught('tools.find()'))).toContain("missing the required argument 'query'");
  });

  it('fail as they say: with their error, or with the words of the SDK', async () => {
    const fails = (options: object) =>
      tool({
        name: 'fails',
        description: '',
        parameters: NONE,
        execute: () => Promise.reject(new Error('disk')),
        ...options,
      });
    expect(await use([fails({ errorFunction: null })], caught('tools.fails()'))).toBe('disk');
    expect(await use([fails({})], caught('tools.fails()'))).toMatch(/^An error occurred while running the tool\./u);
    const errorFunction = () => 'told';
    expect(await use([fails({ errorFunction })], 'tools.fails()')).toBe('Result: "told"');
  });

  it('end in an error when their time is up', async () => {
    const execute = () => new Promise(() => {});
    const slow = tool({ name: 'slow', description: '', parameters: NONE, timeoutMs: 20, execute });
    expect(await use([slow], caught('tools.slow()'))).toMatch(/timed out/u);
  });

  it('are not called when they are not enabled for the run', async () => {
    const isEnabled = ({ runContext }: { runContext: RunContext<unknown> }) =>
      (runContext.context as { admin?: boolean }).admin === true;
    const admin = tool({ name: 'admin', description: '', parameters: NONE, isEnabled, execute: () => 'ok' });
    expect(await use([admin], 'tools.admin()', { admin: true })).toBe('Result: "ok"');
    expect(await use([admin], caught('tools.admin()'))).toBe('admin is not enabled here.');
  });

  it('keep their guardrails', async () => {
    const calls: string[] = [];
    const rejects = (word: string, message: string) => (text: string) =>
      text.includes(word)
        ? { behavior: { type: 'rejectContent' as const, message } }
        : { behavior: { type: 'allow' as const } };
    const echo = tool({
      name: 'echo',
      description: '',
      parameters: z.object({ text: z.string() }),
      inputGuardrails: [{ name: 'in', run: async ({ toolCall }) => rejects('bad', 'Bad input.')(toolCall.arguments) }],
      outputGuardrails: [{ name: 'out', run: async ({ output }) => rejects('worse', 'Bad output.')(String(output)) }],
      execute: ({ text }) => {
        calls.push(text);
        return text;
      },
    });
    expect(await use([echo], 'tools.echo(text="fine")')).toBe('Result: "fine"');
    expect(await use([echo], caught('tools.echo(text="bad")'))).toBe('Bad input.');
    expect(await use([echo], caught('tools.echo(text="worse")'))).toBe('Bad output.');
    expect(calls).toEqual(['fine', 'worse']);
  });

  it('may be agents, which cannot ask for approvals of their own from there', async () => {
    const expert = (model: ScriptedModel, tools: Tool[] = []) =>
      new Agent({ name: 'expert', model, tools }).asTool({ toolName: 'expert', toolDescription: 'Knows.' });
    const knows = expert(new ScriptedModel([[assistantMessage('42')]]));
    expect(await use([knows], 'tools.expert(input="?")')).toBe('Result: "42"');
    const gated = tool({ name: 'gated', description: '', parameters: NONE, needsApproval: true, execute: () => 'ran' });
    const asks = expert(new ScriptedModel([[functionCall('gated', {}, { callId: 'g' })]]), [gated]);
    expect(await use([asks], caught('tools.expert(input="?")'))).toBe(
      'expert ended without an answer. If tools of this agent need approval, let the model call it: Python cannot ask for them.',
    );
  });

  it('have names of their own in Python, when these are given', async () => {
    const one = tool({ name: 'one', description: 'One.', parameters: NONE, execute: () => 1 });
    await using session = new Session({
      tools: [fromOpenAIAgentsTools([one], { prefix: 'math', rename: { one: 'uno' } })],
    });
    expect(await session.run('tools.math.uno()')).toMatchObject({ result: 1 });
  });

  it('leave out what the provider runs, and say so', async () => {
    const { session } = open({ tools: [codeInterpreterTool()] });
    await session.tools.list();
    expect(await session.tools.problems()).toEqual([
      {
        source: 'openai-agents',
        subject: 'code_interpreter',
        message: 'Python cannot call it: the model provider runs it.',
      },
    ]);
  });
});

describe('MCP servers', () => {
  const servers: MCPServerStdio[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  async function connect(
    options: Partial<ConstructorParameters<typeof MCPServerStdio>[0]> = {},
  ): Promise<MCPServerStdio> {
    const args = [join(import.meta.dirname, 'mcp-server.ts')];
    const server = new MCPServerStdio({ name: 'cities', command: process.execPath, args, ...options });
    servers.push(server);
    await server.connect();
    return server;
  }

  async function ask(server: MCPServerStdio, code: string, context?: unknown): Promise<string> {
    const { agent, model } = programmer([code], open({ mcpServers: [server] }).tools);
    await go(agent, context);
    return textsRead(model)[0] ?? '';
  }

  it('give Python their data, and their errors as errors', async () => {
    const server = await connect({ toolMetaResolver: ({ runContext }) => ({ asked: runContext.context }) });
    expect(await ask(server, 'tools.population(city="Oslo")', { user: 'ann' })).toBe(
      'Result: {"city": "Oslo", "count": 717710, "asked": {"user": "ann"}}',
    );
    expect(await ask(server, caught('tools.broken(city="Oslo")'))).toBe('no data for Oslo');
    const { session } = open({ mcpServers: [server] });
    expect((await session.tools.list()).map(({ name }) => name)).toEqual(['population', 'broken', 'hidden']);
  });

  it('keep to their tool filter: a list for all, a function for each call', async () => {
    const server = await connect({ toolFilter: { blockedToolNames: ['hidden'] } });
    expect(await ask(server, caught('tools.hidden(city="Oslo")'))).toContain('hidden');
    expect(await ask(server, '"hidden" in dir(tools)')).toBe('Result: False');
    server.toolFilter = async ({ runContext }, { name }) =>
      name !== 'hidden' || (runContext.context as { admin?: boolean }).admin === true;
    expect(await ask(server, 'tools.hidden(city="Oslo")', { admin: true })).toBe('Result: "secret"');
    expect(await ask(server, caught('tools.hidden(city="Oslo")'))).toBe('hidden is not enabled here.');
  });

  it('keep their guardrails', async () => {
    const reject = { behavior: { type: 'rejectContent' as const, message: 'Not today.' } };
    const server = await connect({
      toolInputGuardrails: [{ type: 'tool_input', name: 'no', run: async () => reject }],
    });
    expect(await ask(server, caught('tools.population(city="Oslo")'))).toBe('Not today.');
  });
});
