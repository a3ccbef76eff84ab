import { freemem } from 'node:os';
import { expect, test } from 'vitest';
import { expectNoProcess, kernelProcessesWith } from '../executors/processes.ts';
import { FaultBench, PATIENCE_MS, type Subject, useOwnFolder } from './fault-bench.ts';

useOwnFolder();

const KILLED = 'The Python process was ended by SIGKILL (out of memory, a CPU limit, or killed from outside)';

test('of 20 sessions at once some crash, some are killed, some aborted: the others do not notice', {
  timeout: 120_000,
}, async () => {
  await using bench = new FaultBench();
  const fates: [code: string, disturb: (subject: Subject) => void, outcome: string][] = [
    [
      'import os\ntools.count(n=1)\nos._exit(3)',
      () => {},
      'crashed: The Python process exited with code 3; all variables are lost.',
    ],
    [
      'tools.count(n=1)\ntools.wait(n=2)',
      ({ pid }) => process.kill(pid, 'SIGKILL'),
      `crashed: ${KILLED}; all variables are lost.`,
    ],
    [
      'tools.count(n=1)\ntools.wait(n=2)',
      ({ session }) => void session.reset(),
      'interrupted: The session was reset. Python was stopped; the variables are kept.',
    ],
    [
      'tools.count(n=1)\ntools.wait(n=2)',
      ({ session }) => void session.close(),
      'interrupted: The session was closed. Python was stopped; the variables are kept.',
    ],
    ['sum(tools.count(n=n) for n in range(20))', () => {}, 'completed 210'],
  ];
  await Promise.all(
    Array.from({ length: 20 }, async (_, who) => {
      const [code, disturb, outcome] = fates[who % fates.length] as (typeof fates)[number];
      const subject: Subject = bench.open({
        onEvent: (event) => {
          if (event.type === 'call-start' && event.name === 'tools.wait') disturb(subject);
        },
      });
      expect(await subject.run(`who = ${who}`)).toBe('completed undefined');
      expect([who, await subject.run(code)]).toEqual([who, outcome]);
      expect(new Set(subject.effects).size).toBe(subject.effects.length);
      if (outcome.startsWith('interrupted')) return;
      expect([who, await subject.run('[who, tools.count(n=100)]')]).toEqual([
        who,
        outcome.startsWith('completed')
          ? `completed [${who},21]`
          : expect.stringMatching(/^failed: NameError: .*, state lost$/),
      ]);
    }),
  );
});

/** A kernel takes about 4 MB, and its host's side of it some more. */
const MANY = freemem() > 12e9 ? 1_000 : 200;
if (MANY < 1_000) console.log(`${MANY} sessions at once, because there is no memory for 1,000`);
/** More at once would wait for each other longer than a kernel may take to start. */
const WAVE = 50;

test(`${MANY} sessions alive at once answer, and end with their zygote`, { timeout: 600_000 }, async () => {
  await using bench = new FaultBench();
  const subjects = Array.from({ length: MANY }, () => bench.open());
  const runAll = async (code: (n: number) => string) => {
    const outcomes: string[] = [];
    for (let from = 0; from < MANY; from += WAVE)
      outcomes.push(
        ...(await Promise.all(subjects.slice(from, from + WAVE).map((subject, n) => subject.run(code(from + n))))),
      );
    return outcomes;
  };
  const expected = subjects.map((_, n) => `completed ${n}`);
  expect(await runAll((n) => `v = ${n}\nv`)).toEqual(expected);
  expect(kernelProcessesWith(bench.marker).length).toBe(MANY);
  expect(await runAll((n) => `tools.count(n=${n})\nv`)).toEqual(expected);
  expect(subjects.map(({ effects }) => effects)).toEqual(subjects.map((_, n) => [n]));
  await bench.executor.close();
  await expectNoProcess(bench.marker, PATIENCE_MS);
});
