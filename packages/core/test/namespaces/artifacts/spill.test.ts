import { expect, it } from 'vitest';
import { describeResult } from '../../../src/prompts/describe-result.ts';
import { Session } from '../../../src/session.ts';
import { MemoryStorage } from '../../../src/storage/memory.ts';
import { resultOf } from './stores.ts';

it('a long output is an artifact, and the text says how to read on', async () => {
  await using session = new Session();
  const result = await session.run(
    'import sys\nfor n in range(5000): print(f"line {n}")\nprint("oops", file=sys.stderr)',
  );
  const name = `runs/${result.runId}/output.txt`;
  expect(result.outputArtifact).toBe(name);
  expect(result.stdout.length).toBe(48_890);
  const text = describeResult(result);
  expect(text.length).toBeLessThanOrEqual(20_000);
  expect(text).toContain(
    `characters cut here; all of it is in an artifact; read on with artifacts.read("${name}", 10000, 20000) …]`,
  );
  expect(resultOf(await session.run(`artifacts.read("${name}", 10000, 10020)`))).toBe(
    result.stdout.slice(10_000, 10_020),
  );
  expect(await session.artifacts.load(name)).toBe(`${result.stdout}oops\n`);
  expect(await session.artifacts.get(name)).toMatchObject({
    type: 'text',
    description: `What run ${result.runId} printed`,
    runId: result.runId,
  });
});

it('an output over its limit is kept whole in the artifact, what subprocesses print too', async () => {
  await using session = new Session({ limits: { outputBytes: 4_000, spillOverBytes: 4_000 } });
  const result = await session.run('import subprocess\nsubprocess.run(["seq", "1", "3000"])\nprint("end")');
  const name = `runs/${result.runId}/output.txt`;
  expect(result.stdout.length).toBeLessThan(4_300);
  expect(result.stdout).toContain(
    `bytes of stdout left out here: all of it is in an artifact; read on with artifacts.read("${name}", 3000, 13000).]`,
  );
  const lines = String(await session.artifacts.load(name)).split('\n');
  expect([lines.length, lines[2_999], lines[3_000]]).toEqual([3_002, '3000', 'end']);
});

it('the artifact has a limit of its own, and says what it lacks', async () => {
  await using session = new Session({ limits: { outputBytes: 4_000, spillOverBytes: 4_000, spillBytes: 40_000 } });
  const result = await session.run('for n in range(20_000): print(n)');
  const text = String(await session.artifacts.load(result.outputArtifact as string));
  expect(text).toMatch(/\n\[[\d,]+ bytes of stdout left out here: it was too long for the artifact\.\]\n/);
  expect([text.length < 40_200, text.startsWith('0\n1\n'), text.endsWith('19999\n')]).toEqual([true, true, true]);
});

it('short outputs make no artifact, and old ones are removed', async () => {
  await using session = new Session({ limits: { spillOverBytes: 1_000 } });
  expect((await session.run('print("x" * 900)')).outputArtifact).toBeUndefined();
  for (let run = 0; run < 22; run++) await session.run('print("x" * 1100)');
  await session.run('1');
  expect((await session.artifacts.list('runs/')).length).toBe(20);
});

it('a storage that fails costs the artifact alone', async () => {
  const warnings: string[] = [];
  const storage = new MemoryStorage();
  storage.set = () => Promise.reject(new Error('the disk is full'));
  await using session = new Session({
    storage,
    onEvent: (event) => event.type === 'warning' && warnings.push(event.message),
  });
  const result = await session.run('print("x" * 30_000)');
  expect([result.status, result.outputArtifact, result.stdout.length]).toEqual(['completed', undefined, 30_001]);
  expect(warnings).toEqual([`The output of run ${result.runId} could not be kept: the disk is full`]);
});

it('a result that is too large is kept in the type it has', async () => {
  await using session = new Session({ limits: { resultBytes: 100_000 } });
  const result = await session.run('[{"n": n} for n in range(20_000)]');
  const name = `runs/${result.runId}/result`;
  expect(resultOf(result)).toMatchObject({ $truncated: { type: 'list', length: 20_000, artifact: name } });
  expect(describeResult(result)).toContain(
    `only the start is shown. The whole value is in \`_\`; slice it, e.g. _[:20]. It is also kept as an artifact: artifacts.load("${name}"), or a part of it with artifacts.read("${name}", 0, 10000).]`,
  );
  expect(resultOf(await session.run(`artifacts.load("${name}") == _`))).toBe(true);
  const other = await session.run('{n: (n,) for n in range(20_000)}');
  expect(resultOf(other)).toMatchObject({
    $truncated: { type: 'dict', how: 'The whole value is in `_`; slice it, e.g. _[:20], or print a part of it.' },
  });
  expect((await session.artifacts.list('runs/')).map((entry) => entry.name)).toEqual([name]);
});
