import type { ToolSource } from '@code-mode/core';
import { BaseCallbackHandler } from '@langchain/core/callbacks/base';
import { ToolMessage } from '@langchain/core/messages';
import { type ClientTool, DynamicTool, type ToolRuntime, tool } from '@langchain/core/tools';
import { Command, InMemoryStore } from '@langchain/langgraph';
import { createAgent } from 'langchain';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type CodeMode, createCodeMode, fromLangChainTools } from '../src/index.ts';
import { programmer, toolMessagesSeen } from './harness.ts';

const opened: CodeMode[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((codeMode) => codeMode.close()));
});

const empty = { type: 'object' as const, properties: {} };

/** What the model reads of a program that has these tools. */
async function use(code: string, tools: (ClientTool | ToolSource)[], config: object = {}): Promise<unknown> {
  const codeMode = createCodeMode({ tools });
  opened.push(codeMode);
  const model = programmer(code);
  const agent = createAgent({ model, tools: codeMode.tools });
  await agent.invoke({ messages: [{ role: 'user', content: 'go' }] }, config);
  return toolMessagesSeen(model)[0]?.content;
}

describe('fromLangChainTools', () => {
  it('gives a tool the runtime of the agent, with an id of its own', async () => {
    const seen: ToolRuntime[] = [];
    const store = new InMemoryStore();
    const look = tool(async (_: object, runtime: ToolRuntime) => void seen.push(runtime), {
      name: 'look',
      description: '',
      schema: empty,
    });
    const codeMode = createCodeMode({ tools: [look] });
    opened.push(codeMode);
    const agent = createAgent({
      model: programmer('tools.look()\ntools.look()'),
      tools: codeMode.tools,
      contextSchema: z.object({ user: z.string() }),
      store,
    });
    const config = { configurable: { thread_id: 'a' }, context: { user: 'ann' } };
    await agent.invoke({ messages: [{ role: 'user', content: 'go' }] }, config);
    expect(seen.map(({ toolCallId }) => toolCallId)).toEqual(['c0:1', 'c0:2']);
    expect(seen[0]).toMatchObject({ context: { user: 'ann' }, configurable: { thread_id: 'a' } });
    expect(seen[0]?.writer).toBeTypeOf('function');
    expect(seen[0]?.store).toBeDefined();
    expect(seen[0]).toMatchObject({ state: { messages: [{ type: 'human' }, { type: 'ai' }] } });
  });

  it('aborts a tool with the run', async () => {
    const controller = new AbortController();
    const aborted = Promise.withResolvers<void>();
    const slow = tool(
      async (_: object, { signal }: ToolRuntime) => {
        signal?.addEventListener('abort', () => aborted.resolve());
        controller.abort();
        await aborted.promise;
      },
      { name: 'slow', description: '', schema: empty },
    );
    await use('tools.slow()', [slow], { signal: controller.signal }).catch(() => {});
    await aborted.promise;
  });

  it('traces a call under that of runCode', async () => {
    const starts: [string | undefined, string | undefined, string | undefined][] = [];
    class Tracer extends BaseCallbackHandler {
      readonly name = 'tracer';
      override handleToolStart(
        ...[, , id, parent, , , name]: Parameters<NonNullable<BaseCallbackHandler['handleToolStart']>>
      ) {
        starts.push([name, id, parent]);
      }
    }
    const add = tool(() => 1, { name: 'add', description: '', schema: empty });
    await use('tools.add()', [add], { callbacks: [new Tracer()] });
    const [outer, inner] = starts;
    expect(starts.map(([name]) => name)).toEqual(['runCode', 'add']);
    expect(inner?.[2]).toBe(outer?.[1]);
  });

  it('leaves what a tool returns as it is', async () => {
    const give = tool(
      ({ kind }: { kind: string }) =>
        ({ json: '{"a": 1}', data: { a: 1 }, blocks: [{ type: 'text', text: 'x' }] })[kind],
      {
        name: 'give',
        description: '',
        schema: z.object({ kind: z.string() }),
      },
    );
    const program = '[tools.give(kind=kind) for kind in ["json", "data", "blocks"]]';
    expect(await use(program, [give])).toBe('Result: ["{\\"a\\": 1}", {"a": 1}, [{"type": "text", "text": "x"}]]');
  });

  it('takes a schema that transforms once, a tool that streams, and one that takes a string', async () => {
    const transforming = tool(({ n }) => n, {
      name: 'next',
      description: '',
      schema: z.object({ n: z.number().transform((n) => n + 1) }),
    });
    const streaming = tool(
      async function* () {
        yield 'some';
        return 'all';
      },
      { name: 'stream', description: '', schema: empty },
    );
    const plain = new DynamicTool({ name: 'echo', description: '', func: async (input) => `<${input}>` });
    expect(
      await use('[tools.next(n=1), tools.stream(), tools.echo(input="x")]', [transforming, streaming, plain]),
    ).toBe('Result: [2, "all", "<x>"]');
  });

  it('says what is wrong with arguments that only the schema itself can refuse', async () => {
    const even = tool(({ n }) => n, {
      name: 'even',
      description: '',
      schema: z.object({ n: z.number().refine((n) => n % 2 === 0, 'must be even') }),
    });
    expect(await use('tools.even(n=1)', [even])).toContain('must be even');
  });

  it('gives the content of a tool with an artifact: text, data of MCP, images', async () => {
    const results: Record<string, [unknown, unknown]> = {
      text: ['plain', { secret: 1 }],
      structured: [[{ type: 'text', text: 'x' }], [{ type: 'mcp_structured_content', data: { a: 1 } }]],
      resource: [[], [{ type: 'resource', resource: { uri: 'file:///a', text: 'inside' } }]],
      image: [[{ type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } }], []],
      standard: [[{ type: 'image', source_type: 'base64', mime_type: 'image/png', data: 'aGk=' }], []],
      other: [[{ type: 'file', source_type: 'url', url: 'https://example.com/a' }], []],
    };
    const mcp = tool(({ kind }: { kind: string }) => results[kind], {
      name: 'mcp',
      description: '',
      schema: z.object({ kind: z.string() }),
      responseFormat: 'content_and_artifact',
    });
    const program = `
r = {kind: tools.mcp(kind=kind) for kind in ${JSON.stringify(Object.keys(results))}}
[r["text"], r["structured"], r["resource"]["resource"]["text"], r["image"].data, r["standard"].mime_type, r["other"]["url"]]`;
    expect(await use(program, [mcp])).toBe(
      'Result: ["plain", {"a": 1}, "inside", b"hi", "image/png", "https://example.com/a"]',
    );
  });

  it('raises what a message says that failed, and what it cannot do', async () => {
    const failing = tool(() => new ToolMessage({ status: 'error', content: 'no disk', tool_call_id: 'x' }), {
      name: 'failing',
      description: '',
      schema: empty,
    });
    const going = tool(() => new Command({ goto: 'model' }), { name: 'going', description: '', schema: empty });
    const program = `
for f in [tools.failing, tools.going]:
    try:
        f()
    except ToolError as error:
        print(error)`;
    expect(await use(program, [failing, going])).toBe(
      "no disk\ngoing returned a command for the agent's graph, which code cannot carry out.",
    );
  });

  it('has names of your choice', async () => {
    const add = tool(() => 1, { name: 'addNumbers', description: '', schema: empty });
    const source = fromLangChainTools([add], { prefix: 'math', rename: { addNumbers: 'add' } });
    expect(await use('tools.math.add()', [source])).toBe('Result: 1');
  });

  it('has the hints of an MCP server', () => {
    const list = tool(() => 1, {
      name: 'list',
      description: '',
      schema: empty,
      metadata: { annotations: { readOnlyHint: true, title: 'List' } },
    });
    expect(fromLangChainTools([list]).tools()).toMatchObject([{ annotations: { readOnly: true } }]);
  });

  it('leaves out what the provider runs, and says so', () => {
    const source = fromLangChainTools([{ type: 'web_search' } as unknown as ClientTool]);
    expect([source.tools(), source.problems()]).toEqual([
      [],
      [
        {
          source: 'langchain',
          subject: 'web_search',
          message: 'Python cannot call it: the model provider runs it.',
        },
      ],
    ]);
  });

  it('refuses a gate for a tool that is not there', () => {
    const add = tool(() => 1, { name: 'add', description: '', schema: empty });
    expect(() => createCodeMode({ tools: [add], interruptOn: { ad: true } })).toThrow(
      "interruptOn names 'ad', which is none of these LangChain tools: add.",
    );
  });
});
