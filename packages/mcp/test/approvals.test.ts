import { defineTool } from '@code-mode/core';
import type { CodeModeConfig } from '@code-mode/core/config';
import { Client, type ClientOptions, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { describe, expect, it } from 'vitest';
import { serveOverHttp } from '../src/serve-http.ts';
import { atEnd, callsOf, connect, gate, openHost, textOf } from './harness.ts';

const paid: number[] = [];
const pay = defineTool({
  name: 'pay',
  description: 'Pays.',
  input: { type: 'object', properties: { amount: { type: 'number' } }, required: ['amount'] },
  needsApproval: () => true,
  execute: (input) => {
    const { amount } = input as { amount: number };
    paid.push(amount);
    return `paid ${amount}`;
  },
});

/** A client of the 2026 protocol over HTTP: there a question ends the request, and the answer comes with another. */
async function connectModern(config: CodeModeConfig, options: ClientOptions, setUp?: (client: Client) => void) {
  const server = await serveOverHttp(await openHost(config));
  atEnd(() => server.close());
  const client = new Client({ name: 'test', version: '1' }, { ...options, versionNegotiation: { mode: 'auto' } });
  setUp?.(client);
  await client.connect(new StreamableHTTPClientTransport(new URL(server.url)));
  atEnd(() => client.close());
  return { client, ...callsOf(client) };
}

const CAN_ASK: ClientOptions = { capabilities: { elicitation: { form: {} } } };

type Answer = { action: 'accept'; content: Record<string, boolean> } | { action: 'decline' | 'cancel' };

describe.each([
  ['of 2025, over a connection', connect],
  ['of 2026, over HTTP', connectModern],
] as const)('approvals with a client %s', (_, open) => {
  /** A client that answers so, and what it was asked. */
  async function asking(answer: Answer, config: CodeModeConfig = { tools: [pay] }) {
    paid.length = 0;
    const asked: string[] = [];
    const calls = await open(config, CAN_ASK, (client) => {
      client.setRequestHandler('elicitation/create', ({ params }) => {
        asked.push(params.message);
        return answer;
      });
    });
    return { ...calls, asked };
  }

  it('the call goes on when the user approves, and nothing has run twice', async () => {
    const { text, asked } = await asking({ action: 'accept', content: { approve: true } });
    const code = 'print("before")\na = tools.pay(amount=7)\nb = tools.pay(amount=8)\n[a, b]';
    expect(await text('run_code', { code })).toMatch(/^before\nResult: \["paid 7", "paid 8"\]/);
    expect(paid).toEqual([7, 8]);
    expect(asked).toEqual([
      'Python wants to call tools.pay(amount=7) in line 2.\n\na = tools.pay(amount=7)',
      'Python wants to call tools.pay(amount=8) in line 3.\n\nb = tools.pay(amount=8)',
    ]);
  });

  it('the question hides nothing of the code that is asked about', async () => {
    const { text, asked } = await asking(
      { action: 'decline' },
      { tools: [pay], policy: { run: true, outcome: 'ask' } },
    );
    await text('run_code', { code: '# harmless\u2028\u202e\ntools.pay(amount=7) # \u200b\u001b[8m' });
    expect(asked).toEqual([
      'Python wants to run this code:\n\n# harmless\\u2028\\u202e\ntools.pay(amount=7) # \\u200b\\u001b[8m',
    ]);
  });

  it.each<[Answer]>([
    [{ action: 'decline' }],
    [{ action: 'cancel' }],
    [{ action: 'accept', content: { approve: false } }],
    [{ action: 'accept', content: {} }],
  ])('%j denies', async (answer) => {
    const { text } = await asking(answer);
    expect(await text('run_code', { code: 'tools.pay(amount=7)' })).toMatch(
      /^Error: \w+: .*The user of the MCP client did not approve it\./,
    );
    expect(paid).toEqual([]);
  });

  it('the same call is not asked about again when the user says so', async () => {
    const { text, asked } = await asking({ action: 'accept', content: { approve: true, remember: true } });
    const code = '[tools.pay(amount=7) for _ in range(3)]';
    expect(await text('run_code', { code })).toMatch(/^Result: \["paid 7", "paid 7", "paid 7"\]/);
    expect(asked.length).toBe(1);
  });

  it('a client that cannot ask gets a refusal that says so', async () => {
    paid.length = 0;
    const { text } = await open({ tools: [pay] }, {});
    expect(await text('run_code', { code: 'tools.pay(amount=7)' })).toContain(
      'This needs approval, and this MCP client cannot ask for it (it has no elicitation). Allow it in the policy of the server, or use a client that can ask.',
    );
    expect(paid).toEqual([]);
  });

  it('the policy holds for the tools of the server too', async () => {
    const workflow = { name: 'one', source: 'def run() -> int:\n    return 1\n', description: 'One.' };
    const { json, asked } = await asking({ action: 'accept', content: { approve: true } }, { policy: 'ask-writes' });
    expect(await json('create_workflow', workflow)).toMatchObject({ name: 'one' });
    expect(asked).toEqual([expect.stringMatching(/^Python wants to call workflows\.create\(name="one"/)]);
    const readOnly = await open({ readOnly: true }, {});
    const reply = await readOnly.call('create_workflow', workflow);
    expect([reply.isError, textOf(reply)]).toEqual([
      true,
      expect.stringMatching(/^Error: ApprovalDeniedError: workflows.create was denied: this session may only read/),
    ]);
    expect(await readOnly.text('list_workflows')).toBe('[]');
  });
});

describe('an approval that nobody gives', () => {
  it('a cancelled call ends the run that waits', async () => {
    paid.length = 0;
    const asked = gate();
    const { client, text } = await connect({ tools: [pay] }, CAN_ASK, (each) => {
      each.setRequestHandler('elicitation/create', () => {
        asked.open();
        return new Promise(() => {});
      });
    });
    const stop = new AbortController();
    const running = client.callTool(
      { name: 'run_code', arguments: { code: 'kept = 1\ntools.pay(amount=7)' } },
      { signal: stop.signal },
    );
    const cancelled = expect(running).rejects.toThrow();
    await asked.opened;
    stop.abort();
    await cancelled;
    expect(await text('run_code', { code: 'kept' })).toBe('Result: 1');
    expect(paid).toEqual([]);
  });

  it('a forged answer finds no run', async () => {
    const { client } = await connectModern({ tools: [pay] }, CAN_ASK);
    const forged = {
      name: 'run_code',
      arguments: { code: 'tools.pay(amount=7)' },
      requestState: 'made-up',
      inputResponses: {},
    };
    await expect(client.callTool(forged)).rejects.toThrow('Invalid or expired requestState');
    expect(paid).toEqual([]);
  });
});

describe('cancellation', () => {
  it('interrupts the run and keeps the variables', async () => {
    const { client, text } = await connect();
    const started = gate();
    const stop = new AbortController();
    const running = client.callTool(
      { name: 'run_code', arguments: { code: 'kept = 1\nprint("on", flush=True)\nwhile True:\n    pass' } },
      { signal: stop.signal, onprogress: () => started.open() },
    );
    const cancelled = expect(running).rejects.toThrow();
    await started.opened;
    stop.abort();
    await cancelled;
    expect(await text('run_code', { code: 'kept' })).toBe('Result: 1');
  });
});
