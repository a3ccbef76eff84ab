// What the sandbox costs: the same sessions with it, without, and in a container, side by side; see README.md.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { describeMachine } from '../kernel/machine.ts';
import { findPython, measureSlowdown } from '../kernel/python.ts';
import { type Summary, summarize } from '../kernel/statistics.ts';
import { drawTable, format, verdict } from '../kernel/table.ts';
import type { Lane } from './lane.ts';
import { openLanes } from './lanes.ts';

const HELP = `Usage: sh scripts/dev bench executors [options]

  --quick         a few samples of everything: shows that it works, the numbers mean little
  --alive N       how many sessions are alive together (default: 1000, 50 with --quick)
  --json PATH     where the results go (default: bench/executors/results.json)
  --help          print this text

CODE_MODE_PYTHON names the Python (default: python3).
`;

/** One number of a row. */
interface Line {
  label: string;
  unit: 'ms' | 'bytes';
  /** By the label of a lane, at the median. */
  targets?: Record<string, number>;
}

interface Row {
  lines: Line[];
  /** A number for each line. */
  sample(lane: Lane): Promise<number[]>;
  samples: number;
}

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    alive: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const alive = Number(values.alive ?? (values.quick ? 50 : 1000));
if (!Number.isSafeInteger(alive) || alive < 1) throw new Error(`--alive takes a whole number, got "${values.alive}".`);

const ROWS: Row[] = [
  row('first session, with the zygote', 10, (lane) => lane.firstSession()),
  row('fresh session', 100, (lane) => lane.freshSessionAfterPause(), { sandboxed: 4, container: 5 }),
  row('fresh session, one right after another', 100, (lane) => lane.freshSession()),
  row('20 sessions at once', 10, (lane) => lane.burst(), { sandboxed: 150 }),
  row('close a session', 50, (lane) => lane.close()),
  row('run 1+1', 500, (lane) => lane.warmRun()),
  row('one tool call', 50, (lane) => lane.call()),
  {
    lines: [
      { label: `${alive} sessions alive`, unit: 'ms', ...(alive === 1000 && { targets: { sandboxed: 4000 } }) },
      { label: '  private memory of each, idle', unit: 'bytes', targets: { sandboxed: 3e6 } },
    ],
    sample: (lane) => lane.alive(alive),
    samples: 1,
  },
];

function row(label: string, samples: number, sample: (lane: Lane) => Promise<number>, targets?: Line['targets']): Row {
  const line: Line = { label, unit: 'ms', ...(targets && { targets }) };
  return { lines: [line], samples, sample: async (lane) => [await sample(lane)] };
}

if (values.help) process.stdout.write(HELP);
else await main();

async function main(): Promise<void> {
  const machine = describeMachine();
  const slowdown = await measureSlowdown();
  const python = (await findPython()).path;
  const { lanes, stop } = await openLanes(python);
  const measured = new Map<Line, Summary[]>();
  const described: string[] = [];
  try {
    for (const lane of lanes) await lane.start();
    for (const lane of lanes) described.push(`${lane.label}: ${await lane.isolation()}`);
    for (const { lines, sample, samples } of ROWS) {
      report((lines[0] as Line).label);
      const taken = await measure(sample, samples, lanes);
      for (const [at, line] of lines.entries()) {
        measured.set(
          line,
          taken.map((numbers) => summarize(numbers.map((each) => each[at] as number))),
        );
      }
    }
  } finally {
    await stop();
  }
  report('the way into the sandbox');
  const steps = await measureSteps(python);
  print(`\n${machine.cores} x ${machine.cpu}, ${machine.system}, Node ${machine.node}, load ${machine.loadBefore}`);
  print(`Pure Python takes ${slowdown.toFixed(1)}x as long as on the machine on which the targets were set.`);
  print(described.join('\n'));
  print(`\n${mainTable(measured, lanes, slowdown)}`);
  print(`\n${stepTable(steps)}`);
  const path = values.json ?? fileURLToPath(new URL('./results.json', import.meta.url));
  const rows = [...measured].map(([line, summaries]) => ({
    ...line,
    lanes: Object.fromEntries(lanes.map(({ label: lane }, index) => [lane, summaries[index]])),
  }));
  const results = { date: new Date(), quick: values.quick, machine, slowdown, rows, stepsUs: steps };
  writeFileSync(path, `${JSON.stringify(results, null, 2)}\n`);
  report(`results are in ${path}`);
}

/** The lanes take turns, so that a drift of the machine hits all alike. Returns the samples of each. */
async function measure(sample: Row['sample'], samples: number, lanes: Lane[]): Promise<number[][][]> {
  const taken: number[][][] = lanes.map(() => []);
  for (let n = 0; n < (values.quick ? Math.min(samples, 3) : samples); n++) {
    for (const [index, lane] of lanes.entries()) taken[index]?.push(await sample(lane));
  }
  return taken;
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

function mainTable(measured: Map<Line, Summary[]>, lanes: Lane[], slowdown: number): string {
  const lines = [...measured].map(([{ label, unit, targets = {} }, summaries]) => {
    const [sandboxed, unsandboxed] = summaries as [Summary, Summary];
    const verdicts = lanes.flatMap(({ label: lane }, index) => {
      const target = targets[lane];
      if (target === undefined) return [];
      return [`${lane} <= ${format(target, unit)}: ${verdict(summaries[index], { label, unit, target }, slowdown)}`];
    });
    return [
      label,
      ...summaries.map(({ p50, p95 }) => `${format(p50, unit)} / ${format(p95, unit)}`),
      `${(sandboxed.p50 / unsandboxed.p50).toFixed(2)}x`,
      verdicts.join('; '),
    ];
  });
  const header = ['p50 / p95', ...lanes.map(({ label }) => label), 'sandboxed / unsandboxed', 'targets of the p50'];
  return drawTable([header, ...lines]);
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
