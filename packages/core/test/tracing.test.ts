import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { SubprocessExecutor } from '../src/executors/subprocess/index.ts';
import { Session } from '../src/session.ts';
import { sampleTools } from '../src/testing/sample-tools.ts';
import { defineTool } from '../src/tool-sources/function.ts';
import { Tracing } from '../src/tracing.ts';

const executor = new SubprocessExecutor();
const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
});
afterAll(async () => {
  trace.disable();
  context.disable();
  await provider.shutdown();
  await executor.close();
});
beforeEach(() => exporter.reset());

const inner = defineTool({
  name: 'shop.buy',
  description: '',
  execute: () => trace.getTracer('the tool').startActiveSpan('query', (span) => span.end()),
});

/** `child < parent`, with what says how it went. */
function spans(): string[] {
  const finished = exporter.getFinishedSpans();
  const names = new Map(finished.map((span) => [span.spanContext().spanId, span.name]));
  return finished.map((span) => {
    const error = span.attributes['error.type'];
    const parent = names.get(span.parentSpanContext?.spanId ?? '') ?? 'none';
    return `${span.name} < ${parent}${error === undefined ? '' : ` (${String(error)})`}`;
  });
}

test('a run and its calls are spans under whoever began the run, and tools work inside theirs', async () => {
  await using session = new Session({ executor, tools: [inner, ...sampleTools()], tracing: true });
  const result = await trace.getTracer('the agent').startActiveSpan('agent', async (span) => {
    const ended = await session.run(`import asyncio
await asyncio.gather(tools.shop.buy.aio(), tools.shop.buy.aio())
artifacts.save("a", bytes(3_000_000))
try: tools.fail()
except ToolError: pass
try: tools.pay(amount=1)
except PermissionError: pass
1 / 0`);
    span.end();
    return ended;
  });
  await session.close();
  expect(spans().sort()).toEqual(
    [
      'query < execute_tool shop.buy',
      'query < execute_tool shop.buy',
      'execute_tool shop.buy < execute_tool runCode',
      'execute_tool shop.buy < execute_tool runCode',
      'execute_tool artifacts.save < execute_tool runCode',
      'execute_tool fail < execute_tool runCode (ToolError)',
      'execute_tool pay < execute_tool runCode (denied)',
      'execute_tool runCode < agent (ZeroDivisionError)',
      'agent < none',
    ].sort(),
  );
  const find = (name: string) => exporter.getFinishedSpans().find((span) => span.name === name);
  expect(find('execute_tool runCode')).toMatchObject({
    kind: SpanKind.INTERNAL,
    status: { code: SpanStatusCode.ERROR, message: 'division by zero' },
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'runCode',
      'gen_ai.tool.type': 'function',
      'code_mode.session.id': session.id,
      'code_mode.run.id': result.runId,
      'code_mode.run.status': 'failed',
      'error.type': 'ZeroDivisionError',
    },
  });
  expect(find('execute_tool pay')).toMatchObject({
    status: { code: SpanStatusCode.ERROR },
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'pay',
      'gen_ai.tool.call.id': `${result.runId}:${result.calls.find(({ name }) => name === 'tools.pay')?.callId}`,
      'code_mode.run.id': result.runId,
      'error.type': 'denied',
    },
  });
});

test('a span ends with its call, also when the host function never does, and with the run', async () => {
  await using session = new Session({ executor, tools: sampleTools(), tracing: true, limits: { callTimeoutMs: 50 } });
  await session.run('tools.hang()');
  const run = session.begin('tools.pay(amount=1)');
  await run.settled();
  run.abort();
  await run.settled();
  await session.tools.call('weather', { city: 'Oslo' });
  expect(spans()).toEqual([
    'execute_tool hang < execute_tool runCode (timeout)',
    'execute_tool runCode < none (ToolTimeoutError)',
    'execute_tool pay < execute_tool runCode (cancelled)',
    'execute_tool runCode < none (aborted)',
    'execute_tool weather < none',
  ]);
});

test('without the option there are no spans, and nothing is loaded', async () => {
  await using session = new Session({ executor, tools: [inner] });
  await session.run('tools.shop.buy()');
  expect(spans()).toEqual(['query < none']);
});

test('without the package the message says what to install', async () => {
  const tracing = new Tracing('s', () => Promise.reject(new Error("Cannot find package '@opentelemetry/api'")));
  await expect(tracing.run('r').ready()).rejects.toMatchObject({
    code: 'invalid_options',
    message:
      'Tracing needs the package @opentelemetry/api; run `npm install @opentelemetry/api`, or leave out `tracing`.',
  });
});
