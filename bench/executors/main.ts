// What the sandbox costs: the same sessions with it and without, side by side; see README.md.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { describeMachine } from '../kernel/machine.ts';
import { findPython, measureSlowdown } from '../kernel/python.ts';
import { type Summary, summarize } from '../kernel/statistics.ts';
import { drawTable, format, verdict } from '../kernel/table.ts';
import { Lane } from './lane.ts';

const HELP = `Usage: sh scripts/dev bench executors [options]

  --quick         a few samples of everything: shows that it works, the numbers mean little
  --json PATH     where the results go (default: bench/executors/results.json)
  --help          print this text

CODE_MODE_PYTHON names the Python (default: python3).
`;

interface Row {
  label: string;
  sample(lane: Lane): Promise<number>;
  samples: number;
  unit: 'ms' | 'bytes';
  /** For the sandboxed lane, at the median. */
  target?: number;
}

const ROWS: Row[] = [
  { label: 'first session, with the zygote', sample: (lane) => lane.firstSession(), samples: 10, unit: 'ms' },
  { label: 'fresh session', sample: (lane) => lane.freshSessionAfterPause(), samples: 100, unit: 'ms', target: 4 },
  { label: 'fresh session, one right after another', sample: (lane) => lane.freshSession(), samples: 100, unit: 'ms' },
  { label: '20 sessions at once', sample: (lane) => lane.burst(), samples: 10, unit: 'ms', target: 150 },
  { label: 'close a session', sample: (lane) => lane.close(), samples: 50, unit: 'ms' },
  { label: 'run 1+1', sample: (lane) => lane.warmRun(), samples: 500, unit: 'ms' },
  { label: 'one tool call', sample: (lane) => lane.call(), samples: 50, unit: 'ms' },
  {
    label: 'private memory of an idle session',
    sample: (lane) => lane.memory(),
    samples: 3,
    unit: 'bytes',
    target: 3e6,
  },
];

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else await main();

async function main(): Promise<void> {
  const machine = describeMachine();
  const slowdown = await measureSlowdown();
  const python = (await findPython()).path;
  const lanes = [
    new Lane('sandboxed', { python, isolation: 'required' }),
    new Lane('unsandboxed', { python, isolation: 'none' }),
  ];
  for (const lane of lanes) await lane.start();
  const described = await Promise.all(lanes.map(async (lane) => `${lane.label}: ${await lane.isolation()}`));
  const measured = new Map<Row, Summary[]>();
  for (const row of ROWS) {
    report(row.label);
    measured.set(row, await measure(row, lanes));
  }
  for (const lane of lanes) await lane.end();
  report('the way into the sandbox');
  const steps = await measureSteps(python);
  print(`\n${machine.cores} x ${machine.cpu}, ${machine.system}, Node ${machine.node}, load ${machine.loadBefore}`);
  print(`Pure Python takes ${slowdown.toFixed(1)}x as long as on the machine on which the targets were set.`);
  print(described.join('\n'));
  print(`\n${mainTable(measured, lanes, slowdown)}`);
  print(`\n${stepTable(steps)}`);
  const path = values.json ?? fileURLToPath(new URL('./results.json', import.meta.url));
  const rows = [...measured].map(([{ label, unit, target }, summaries]) => ({
    label,
    unit,
    target,
    lanes: Object.fromEntries(lanes.map(({ label: lane }, index) => [lane, summaries[index]])),
  }));
  const results = { date: new Date(), quick: values.quick, machine, slowdown, rows, stepsUs: steps };
  writeFileSync(path, `${JSON.stringify(results, null, 2)}\n`);
  report(`results are in ${path}`);
}

/** The lanes take turns, so that a drift of the machine hits all alike. */
async function measure({ sample, samples }: Row, lanes: Lane[]): Promise<Summary[]> {
  const taken: number[][] = lanes.map(() => []);
  for (let n = 0; n < (values.quick ? Math.min(samples, 3) : samples); n++) {
    for (const [index, lane] of lanes.entries()) taken[index]?.push(await sample(lane));
  }
  return taken.map(summarize);
}

async function measureSteps(python: string): Promise<Record<string, Summary>> {
  const program = fileURLToPath(new URL('./layers.py', import.meta.url));
  const kernel = fileURLToPath(new URL('../../packages/core/kernel', import.meta.url));
  const { stdout } = await promisify(execFile)(python, [
    '-I',
    '-X',
    'utf8',
    program,
    kernel,
    values.quick ? '5' : '100',
  ]);
  const samples = JSON.parse(stdout) as Record<string, number[]>;
  return Object.fromEntries(Object.entries(samples).map(([step, list]) => [step, summarize(list)]));
}

function mainTable(measured: Map<Row, Summary[]>, lanes: Lane[], slowdown: number): string {
  const lines = [...measured].map(([{ label, unit, target }, summaries]) => {
    const [sandboxed, unsandboxed] = summaries as [Summary, Summary];
    return [
      label,
      ...summaries.map(({ p50, p95 }) => `${format(p50, unit)} / ${format(p95, unit)}`),
      `${(sandboxed.p50 / unsandboxed.p50).toFixed(2)}x`,
      target === undefined ? '' : `<= ${format(target, unit)}`,
      verdict(sandboxed, { label, unit, ...(target !== undefined && { target }) }, slowdown),
    ];
  });
  return drawTable([['p50 / p95', ...lanes.map(({ label }) => label), 'ratio', 'target', 'sandboxed p50'], ...lines]);
}

function stepTable(steps: Record<string, Summary>): string {
  const lines = Object.entries(steps).map(([step, { p50, p95 }]) => [
    step,
    `${format(p50 / 1000, 'ms')} / ${format(p95 / 1000, 'ms')}`,
  ]);
  return drawTable([['a kernel on its way into the sandbox', 'p50 / p95'], ...lines]);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function report(text: string): void {
  process.stderr.write(`[bench] ${text}\n`);
}
