// What the static check costs beside what Python needs anyway; see README.md.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { describeMachine } from '../kernel/machine.ts';
import { findPython, measureSlowdown } from '../kernel/python.ts';
import { type Summary, summarize } from '../kernel/statistics.ts';
import { drawTable, format } from '../kernel/table.ts';

const HELP = `Usage: sh scripts/dev bench check [options]

  --json PATH     where the results go (default: bench/check/results.json)
  --help          print this text
`;

const CASES = [
  { lines: 100, tools: 5 },
  { lines: 100, tools: 1000 },
  { lines: 1000, tools: 1000 },
];
const ROUNDS = 100;
/** ms at the median, for 100 lines and 1,000 tools. */
const TARGET_MS = 1;

/** One part of what happens before code runs. */
type Part = 'floor' | 'check' | 'check_and_rewrite' | 'facts';

const { values } = parseArgs({ options: { json: { type: 'string' }, help: { type: 'boolean', default: false } } });

if (values.help) process.stdout.write(HELP);
else await main();

async function main(): Promise<void> {
  const machine = describeMachine();
  const python = await findPython();
  const slowdown = await measureSlowdown();
  const measured: { lines: number; tools: number; times: Record<Part, Summary> }[] = [];
  for (const { lines, tools } of CASES) {
    process.stderr.write(`[bench] ${lines} lines, ${tools} tools\n`);
    measured.push({ lines, tools, times: await measure(python.path, lines, tools) });
  }
  const rows = measured.map(({ lines, tools, times: { floor, check, check_and_rewrite, facts } }) => [
    String(lines),
    String(tools),
    pair(floor),
    pair(check),
    `${((check.p50 / floor.p50) * 100).toFixed(0)} %`,
    lines === 100 ? `< ${TARGET_MS} ms: ${verdict(check.p50, slowdown)}` : '',
    pair(check_and_rewrite),
    pair(facts),
  ]);
  const header = [
    'lines',
    'tools',
    'parse, compile',
    'check',
    'of that',
    'target',
    'check, rewrite',
    'parse, code facts',
  ];
  const where = `${machine.cores} x ${machine.cpu}, Python ${python.version}, load ${machine.loadBefore}`;
  process.stdout.write(`\n${where}; pure Python takes ${slowdown.toFixed(1)}x the reference\n`);
  process.stdout.write(`\np50 / p95\n\n${drawTable([header, ...rows])}\n`);
  const path = values.json ?? fileURLToPath(new URL('./results.json', import.meta.url));
  const results = { date: new Date(), machine, python, slowdown, targetMs: TARGET_MS, measured };
  writeFileSync(path, `${JSON.stringify(results, null, 2)}\n`);
  process.stderr.write(`[bench] results are in ${path}\n`);
}

async function measure(python: string, lines: number, tools: number): Promise<Record<Part, Summary>> {
  const script = fileURLToPath(new URL('./check_times.py', import.meta.url));
  const kernel = fileURLToPath(new URL('../../packages/core/kernel', import.meta.url));
  const rounds = Math.max(20, Math.round((ROUNDS * 100) / lines));
  const { stdout } = await promisify(execFile)(python, [script, kernel, lines, tools, rounds].map(String));
  const samples = JSON.parse(stdout) as Record<Part, number[]>;
  return {
    floor: summarize(samples.floor),
    check: summarize(samples.check),
    check_and_rewrite: summarize(samples.check_and_rewrite),
    facts: summarize(samples.facts),
  };
}

function verdict(ms: number, slowdown: number): string {
  if (ms < TARGET_MS) return 'met';
  return ms < TARGET_MS * slowdown ? 'missed; met at reference speed' : 'missed';
}

function pair({ p50, p95 }: Summary): string {
  return `${format(p50, 'ms')} / ${format(p95, 'ms')}`;
}
