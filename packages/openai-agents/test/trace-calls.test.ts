import { defineTool } from '@code-mode/core';
import { Runner, type Span, setTraceProcessors, setTracingDisabled, tool, withCustomSpan } from '@openai/agents';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { open, programmer } from './drive.ts';

const spans: Span<never>[] = [];
beforeAll(() => {
  // The only processor: nothing leaves the process.
  setTraceProcessors([
    {
      onTraceStart: async () => {},
      onTraceEnd: async () => {},
      onSpanStart: async () => {},
      onSpanEnd: async (span) => void spans.push(span as Span<never>),
      shutdown: async () => {},
      forceFlush: async () => {},
    },
  ]);
  setTracingDisabled(false);
});
afterAll(() => setTracingDisabled(true));
beforeEach(() => {
  spans.length = 0;
});

const NONE = { type: 'object' as const, properties: {}, required: [], additionalProperties: false as const };
const fails = defineTool({ name: 'fails', description: '', execute: () => Promise.reject(new Error('secret')) });
const gated = defineTool({ name: 'gated', description: '', needsApproval: true, execute: () => 'ok' });
const traced = tool({
  name: 'traced',
  description: '',
  parameters: NONE,
  execute: () => withCustomSpan(async () => 'ok', { data: { name: 'inner' } }),
});

/** `name < name of the parent`, with what went wrong. */
function tree(): string[] {
  const nameOf = ({ spanData }: Span<never>) => (spanData as { name?: string }).name ?? '';
  return spans.flatMap((span) => {
    if ((span.spanData as { type: string }).type !== 'custom') return [];
    const parent = spans.find(({ spanId }) => spanId === span.parentId);
    const error = span.error ? ` (${span.error.message})` : '';
    return [`${nameOf(span)} < ${parent ? nameOf(parent) : 'nothing'}${error}`];
  });
}

it('shows the calls of a run below it, without their data', async () => {
  const { tools } = open({ tools: [traced, fails] });
  const { agent } = programmer(['tools.traced()', 'tools.traced()\ntools.fails()'], tools);
  await new Runner().run(agent, 'go');
  expect(tree()).toEqual([
    'inner < runCode',
    'tools.traced < runCode',
    'inner < runCode',
    'tools.traced < runCode',
    'tools.fails < runCode (Call failed)',
  ]);
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  const ours = spans.filter(({ spanData }) => (spanData as { type: string }).type === 'custom');
  expect(JSON.stringify(ours.map((span) => span.toJSON()))).not.toContain('secret');
});

it('keeps what a tool does in the trace of its own run', async () => {
  const { tools } = open({ tools: [traced] });
  const context = { threadId: 'one session' };
  await new Runner().run(programmer(['tools.traced()'], tools).agent, 'go', { context });
  await new Runner().run(programmer(['tools.traced()'], tools).agent, 'go', { context });
  expect(tree()).toEqual(['inner < runCode', 'tools.traced < runCode', 'inner < runCode', 'tools.traced < runCode']);
  const inner = spans.filter(({ spanData }) => (spanData as { name?: string }).name === 'inner');
  expect(new Set(inner.map(({ traceId }) => traceId)).size).toBe(2);
});

it('ends the span of a call that waits, and shows it again when it is done', async () => {
  const { tools } = open({ tools: [gated] });
  const { agent } = programmer(['tools.gated()'], tools);
  const runner = new Runner();
  const { state } = await runner.run(agent, 'go');
  expect(tree()).toEqual(['tools.gated < runCode']);
  for (const item of state.getInterruptions()) state.approve(item);
  await runner.run(agent, state);
  expect(tree()).toEqual(['tools.gated < runCode', 'tools.gated < runCode']);
});
