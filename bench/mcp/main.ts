// From the start of the MCP server to its first answer, and the time per call; see README.md.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine } from '../kernel/machine.ts';
import { measureSlowdown } from '../kernel/python.ts';
import { type Summary, summarize } from '../kernel/statistics.ts';
import { drawTable, format } from '../kernel/table.ts';
import { StdioClient } from './stdio-client.ts';

const HELP = `Usage: sh scripts/dev bench mcp [options]

  --peer COMMAND  a further server, such as "uvx --from agentic-python-coder ipython_mcp": python_exec is measured
  --json PATH     where the results go (default: bench/mcp/results.json)
  --help          print this text
`;

const STARTS = 10;
const CALLS = 300;
/** ms from the start of the process to the first answer of run_code, at the median. */
const TARGET_MS = 400;
const DIST = join(import.meta.dirname, '../../packages/mcp/dist/bin/code-mode-mcp.js');

interface Server {
  name: string;
  command: string;
  args: string[];
  tool: string;
}

const { values } = parseArgs({
  options: { peer: { type: 'string' }, json: { type: 'string' }, help: { type: 'boolean', default: false } },
});

if (values.help) process.stdout.write(HELP);
else await main();

async function main(): Promise<void> {
  if (!existsSync(DIST)) throw new Error('The package is not built: run "sh scripts/dev exec pnpm run build" first.');
  const [command = '', ...args] = values.peer?.split(' ') ?? [];
  const servers: Server[] = [
    {
      name: 'floor: answers and runs nothing',
      command: process.execPath,
      args: [join(import.meta.dirname, 'floor-server.ts')],
      tool: 'run_code',
    },
    { name: 'code-mode-mcp', command: process.execPath, args: [DIST, '--no-config'], tool: 'run_code' },
    ...(command === '' ? [] : [{ name: values.peer ?? '', command, args, tool: 'python_exec' }]),
  ];
  const slowdown = await measureSlowdown();
  const measured: { name: string; first: Summary; call: Summary }[] = [];
  for (const server of servers) {
    process.stderr.write(`[bench] ${server.name}\n`);
    measured.push({ name: server.name, ...(await measure(server)) });
  }
  const rows = measured.map(({ name, first, call }) => [
    name,
    `${format(first.p50, 'ms')} / ${format(first.p95, 'ms')}`,
    name === 'code-mode-mcp' ? `< ${TARGET_MS} ms: ${first.p50 < TARGET_MS ? 'yes' : 'no'}` : '',
    `${format(call.p50, 'ms')} / ${format(call.p95, 'ms')}`,
  ]);
  const header = ['server', 'start to first answer (ms, p50 / p95)', 'target', 'a call (ms, p50 / p95)'];
  process.stdout.write(`${drawTable([header, ...rows])}\n`);
  const path = values.json ?? join(import.meta.dirname, 'results.json');
  writeFileSync(path, `${JSON.stringify({ machine: describeMachine(), slowdown, measured }, null, 2)}\n`);
}

async function measure(server: Server): Promise<{ first: Summary; call: Summary }> {
  const first: number[] = [];
  for (let count = 0; count < STARTS; count++) {
    const started = performance.now();
    await using client = await opened(server);
    await client.call(server.tool, { code: '1 + 1' });
    first.push(performance.now() - started);
  }
  await using client = await opened(server);
  await client.call(server.tool, { code: '1 + 1' });
  const calls: number[] = [];
  for (let count = 0; count < CALLS; count++) {
    const started = performance.now();
    await client.call(server.tool, { code: '1 + 1' });
    calls.push(performance.now() - started);
  }
  return { first: summarize(first), call: summarize(calls) };
}

async function opened({ command, args }: Server): Promise<StdioClient> {
  const client = new StdioClient(command, args);
  await client.initialize();
  return client;
}
