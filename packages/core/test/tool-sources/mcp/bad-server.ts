// A server by hand, in the protocol of 2025, that behaves as its arguments say.
import { appendFileSync, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';

const is = (how: string) => process.argv.includes(how);
const { LOG = '' } = process.env;
let isReady = false;
let question: { id: number } | undefined;

const tools = [
  { name: 'die', description: 'Ends in the middle of the call.' },
  { name: 'ask', description: 'Asks the client for something it did not offer.' },
  { name: 'pid', description: 'Its process.' },
  { name: 'a..b', description: 'Has a name that is none in Python.' },
  { name: 'no object', description: 'Has the spelling of another.' },
  { name: 'no_object', description: 'Has it too.' },
].map((tool) => ({ inputSchema: { type: 'object' }, ...tool }));

console.error('starting');
if (is('once') && existsSync(LOG)) {
  console.error('not a second time');
  process.exit(4);
}
if (LOG) appendFileSync(LOG, `start ${process.pid}\n`);
if (is('deaf')) process.on('SIGTERM', () => {});
// A test that fails shall not leave it behind for good.
if (is('deaf')) setTimeout(() => process.exit(), 60_000);
console.log('This is no message.');

createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line);
  const { id, method } = message;
  const answer = (result: object) => send({ id, result });
  if (is('mute')) return;
  if (!method) {
    const text = `${message.error.code} ${message.error.message}`;
    send({ id: question?.id, result: { content: [{ type: 'text', text }], isError: true } });
  } else if (method === 'initialize') {
    isReady = true;
    const serverInfo = { name: 'bad', version: '1' };
    answer({ protocolVersion: '2025-06-18', capabilities: { tools: { listChanged: true } }, serverInfo });
  } else if (!isReady && is('patient')) {
    send({ id, error: { code: -32601, message: 'Method not found' } });
  } else if (!isReady) {
    // As servers of some SDKs do.
    console.error(`not initialized: ${method}`);
    process.exit(1);
  } else if (method === 'tools/list') {
    // A page for each tool.
    const index = Number(message.params?.cursor ?? 0);
    const next = index + 1 < tools.length ? String(index + 1) : undefined;
    answer({ tools: [tools[index]], ...(next && { nextCursor: next }) });
  } else if (method === 'tools/call') {
    call(id, message.params.name);
  }
});

function call(id: number, name: string): void {
  if (LOG) appendFileSync(LOG, `call ${name}\n`);
  if (name === 'die') {
    console.error('about to die');
    process.kill(process.pid, 'SIGKILL');
  } else if (name === 'ask') {
    question = { id };
    send({
      id: 1,
      method: 'elicitation/create',
      params: { message: 'Who?', requestedSchema: { type: 'object', properties: {} } },
    });
  } else {
    send({ id, result: { content: [{ type: 'text', text: String(process.pid) }] } });
  }
}

function send(message: object): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
}
