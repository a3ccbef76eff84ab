import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { SubprocessExecutor } from '../../src/executors/subprocess/index.ts';
import { asHello, checkKernelMessage, checkZygoteMessage } from '../../src/wire/check-message.ts';
import { encodeFrame, FrameReader } from '../../src/wire/frames.ts';
import type { HostToKernelMessage, KernelToHostMessage } from '../../src/wire/messages.ts';
import { readGolden } from './golden.ts';

interface MessageRow {
  title: string;
  from: 'kernel' | 'zygote' | 'hello';
  json: string;
  host: string;
}

const rows = readGolden<MessageRow>('messages');
const source = readFileSync(new URL('../../src/wire/messages.ts', import.meta.url), 'utf8');

describe('messages to the host', () => {
  test.each(rows)('$title', ({ from, json, host }) => {
    expect(verdict(from, json)).toBe(host);
  });

  const complete = rows.filter(({ title }) => title.endsWith('with every field'));

  test.each(complete)('$title: every required field is required', ({ from, json }) => {
    const message = JSON.parse(json) as Record<string, unknown>;
    const fields = fieldsOf(String(message.type));
    for (const [field, { required }] of Object.entries(fields)) {
      if (field === 'type') continue;
      const { [field]: _, ...without } = message;
      expect([field, verdict(from, JSON.stringify(without)) === 'accepted']).toEqual([field, !required]);
    }
  });

  test('every message Python may send has a golden row with every field', () => {
    const sent = [...unionOf('ZygoteToHostMessage'), ...unionOf('KernelToHostMessage'), 'HelloMessage'];
    const pinned = Object.fromEntries(
      complete.map(({ json }) => {
        const message = JSON.parse(json) as { type: string };
        return [message.type, Object.keys(message)];
      }),
    );
    expect(pinned).toEqual(
      Object.fromEntries(
        sent.map((name) => {
          const fields = interfaces()[name] as Fields;
          return [fields.type?.value, Object.keys(fields)];
        }),
      ),
    );
  });
});

describe('the shapes on the wire', () => {
  // Changing a shape is changing the protocol: raise its version where an older peer could misread it (rule 8).
  test('are pinned', () => {
    const shapes = Object.values(interfaces())
      .filter(({ type }) => type?.value !== undefined)
      .map((fields) => {
        const names = Object.entries(fields).filter(([field]) => field !== 'type');
        return `${fields.type?.value}: ${names.map(([field, { required }]) => (required ? field : `${field}?`)).join(' ')}`;
      });
    expect(shapes).toEqual([
      'kernel-open: kernelId secret cwd privateFolder makesFolder? env limits observe?',
      'kernel-signal: requestId kernelId action',
      'kernel-usage: requestId kernelId',
      'zygote-ready: pid pythonVersion startMethod reason? preloaded missingLayers? privateFolder? sharedFolder?',
      'kernel-opened: kernelId pid?',
      'kernel-signalled: requestId delivered',
      'kernel-usage-report: requestId cpuMs?',
      'kernel-exit: kernelId exitCode? signal? cpuMs maxRssBytes startError?',
      'hello: protocol role secret kernelId?',
      'session-start: sessionId namespaces tools late? outputBytes resultBytes',
      'tools-update: tools late?',
      'environment-update: sitePackages changed',
      'run-start: runId code',
      'analyse: requestId kind source',
      'call-end: callId result? error?',
      'kernel-ready: pid pythonVersion limits layers?',
      'run-output: runId stream text omittedBytes?',
      'run-display: runId data isResult?',
      'call-start: runId callId namespace function name? arguments line? cpuMs',
      'call-cancel: runId callId',
      'analysis: requestId result? error?',
      'run-end: runId status result? error? cpuMs',
    ]);
  });

  test('open both sides with the same numbered rules', () => {
    const python = readFileSync(new URL('../../kernel/code_mode_kernel/wire.py', import.meta.url), 'utf8');
    const rules = rulesOf(source);
    expect(rules.map((rule) => rule.slice(0, 2))).toEqual(['1.', '2.', '3.', '4.', '5.', '6.', '7.', '8.']);
    expect(rulesOf(python)).toEqual(rules);
  });

  test('and the same protocol version', () => {
    const python = readFileSync(new URL('../../kernel/code_mode_kernel/wire.py', import.meta.url), 'utf8');
    const [, version] = /^PROTOCOL_VERSION = (\d+)$/m.exec(python) ?? [];
    expect(/^export const PROTOCOL_VERSION = (\d+);$/m.exec(source)?.[1]).toBe(version);
  });
});

describe('what a real kernel sends', () => {
  const executor = new SubprocessExecutor();
  afterAll(() => executor.close());

  test('has the declared fields and no others', async () => {
    const kernel = await executor.open();
    const seen: KernelToHostMessage[] = [];
    let ended: () => void = () => {};
    kernel.listener = {
      message: (message) => {
        seen.push(message);
        if (message.type === 'call-start') kernel.send(answerTo(message.callId, message.name));
        if (message.type === 'run-end') ended();
      },
      output: () => {},
      exit: () => {},
    };
    const run = (runId: string, code: string) =>
      new Promise<void>((resolve) => {
        ended = resolve;
        kernel.send({ type: 'run-start', runId, code });
      });
    const tools = ['ok', 'bad'].map((name) => ({ path: name, name, parameters: [], open: true }));
    kernel.send({
      type: 'session-start',
      sessionId: 's',
      namespaces: ['tools'],
      tools,
      outputBytes: 400,
      resultBytes: 10_000,
    });
    await run(
      'r1',
      'import sys\nprint("a")\nprint("b", file=sys.stderr)\ndisplay("rich")\ntools.ok(x=1)\nprint("x" * 1000)',
    );
    await run('r2', 'tools.bad()');
    kernel.send({ type: 'tools-update', tools: tools.slice(0, 1) });
    await run(
      'r3',
      'import asyncio\ntry:\n    await asyncio.wait_for(tools.ok.aio(hang=1), 0.05)\nexcept TimeoutError: pass\n1',
    );
    await run('r4', 'raise KeyboardInterrupt');
    await kernel.close();

    const optional = new Set([
      'run-end.result',
      'run-end.error',
      'run-output.omittedBytes',
      'call-start.line',
      'call-start.name',
      'run-display.isResult',
    ]);
    const used = new Set<string>();
    for (const message of seen) {
      const fields = fieldsOf(message.type);
      for (const field of Object.keys(message)) {
        expect([message.type, field, field in fields]).toEqual([message.type, field, true]);
        used.add(`${message.type}.${field}`);
      }
    }
    expect(new Set(seen.map(({ type }) => type))).toEqual(
      new Set(['run-output', 'run-display', 'call-start', 'call-cancel', 'run-end']),
    );
    // Everything declared is really used, so that the pin above cannot be a wish.
    const declared = [...new Set(seen.map(({ type }) => type))].flatMap((type) =>
      Object.keys(fieldsOf(type)).map((field) => `${type}.${field}`),
    );
    expect(declared.filter((field) => !used.has(field) && !optional.has(field))).toEqual([]);
    expect(seen.filter(({ type }) => type === 'run-end').map((end) => (end as { status: string }).status)).toEqual([
      'completed',
      'failed',
      'completed',
      'interrupted',
    ]);
  });
});

function answerTo(callId: number, name: string | undefined): HostToKernelMessage {
  if (name === 'bad') return { type: 'call-end', callId, error: { kind: 'tool', message: 'no', details: { a: 1 } } };
  return callId === 1 ? { type: 'call-end', callId, result: 1 } : { type: 'call-end', callId: 999, result: 1 };
}

function verdict(from: MessageRow['from'], json: string): string {
  const [head, body] = [Buffer.alloc(8), Buffer.from(json)];
  head.writeUInt32BE(body.length, 0);
  try {
    const [frame] = new FrameReader(1 << 20).push(Buffer.concat([head, body]));
    if (!frame) return 'waits';
    if (from === 'hello') return asHello(frame.message) ? 'accepted' : 'refused';
    const message = from === 'kernel' ? checkKernelMessage(frame.message) : checkZygoteMessage(frame.message);
    // What was accepted survives being sent on.
    encodeFrame(message);
    return 'accepted';
  } catch (error) {
    const [, what] =
      /^The kernel broke the wire protocol: (.*)\. It was ended; the next run gets a fresh one\.$/s.exec(
        (error as Error).message,
      ) ?? [];
    return what ?? String(error);
  }
}

type Fields = Record<string, { required: boolean; value: string | undefined }>;

/** Every interface of `messages.ts` with its fields. */
function interfaces(): Record<string, Fields> {
  const found: Record<string, Fields> = {};
  for (const [, name = '', body = ''] of source.matchAll(/^export interface (\w+) \{\n(.*?)^\}/gms)) {
    found[name] = Object.fromEntries(
      [...body.matchAll(/^ {2}(\w+)(\??): (.*);$/gm)].map(([, field = '', mark, type]) => [
        field,
        { required: mark === '', value: /^'([\w-]+)'$/.exec(type ?? '')?.[1] },
      ]),
    );
  }
  return found;
}

function fieldsOf(type: string): Fields {
  return Object.values(interfaces()).find((fields) => fields.type?.value === type) as Fields;
}

function unionOf(name: string): string[] {
  const [, body = ''] = new RegExp(`^export type ${name} =(.*?);`, 'ms').exec(source) ?? [];
  return body
    .split('|')
    .map((part) => part.trim())
    .filter(Boolean);
}

/** The numbered rules of a header comment, each as one line. */
function rulesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => line.replace(/^ \* ?/, '').trim());
  const rules: string[] = [];
  for (const line of lines.slice(
    0,
    lines.findIndex((candidate) => /^PROTOCOL_VERSION|^export const/.test(candidate)),
  )) {
    if (/^\d\. /.test(line)) rules.push(line);
    else if (rules.length > 0 && /^\w|^`/.test(line)) rules[rules.length - 1] += ` ${line}`;
    else if (rules.length > 0) break;
  }
  return rules;
}
