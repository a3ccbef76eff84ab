// The raw floor: a process that answers every request at once, and neither checks nor runs anything.
import { createInterface } from 'node:readline';

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id } = JSON.parse(line);
  if (id === undefined) return;
  const result = { content: [{ type: 'text', text: 'Result: 2' }] };
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`);
});
