import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findPython } from '../../src/executors/subprocess/find-python.ts';
import { FrameReader } from '../../src/wire/frames.ts';
import { mutatedBytes } from './mutated-frames.ts';
import { seed } from './seed.ts';

const ROWS = 5_000;
const program = fileURLToPath(new URL('decode_frames.py', import.meta.url));

test(`of ${ROWS} byte strings host and kernel read the same, and refuse the same`, async () => {
  const strings = fc.sample(mutatedBytes, { seed, numRuns: ROWS });
  const input = strings.map((bytes) => `${bytes.toString('hex')}\n`).join('');
  const output = execFileSync(await findPython(undefined), [program], { input, encoding: 'utf8', maxBuffer: 2 ** 28 });
  const theirs = output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const ours = strings.map((bytes) => JSON.parse(JSON.stringify(decode(bytes))));
  const different = ours.flatMap((mine, row) =>
    JSON.stringify(mine) === JSON.stringify(theirs[row])
      ? []
      : [{ bytes: strings[row]?.toString('latin1'), mine, theirs: theirs[row] }],
  );
  expect(different).toEqual([]);
  // Most are broken, but enough are not.
  expect(ours.filter(({ end }) => end === 'waits').length).toBeGreaterThan(ROWS / 20);
  expect(ours.filter(({ end }) => end === 'refused').length).toBeGreaterThan(ROWS / 20);
  expect(ours.filter(({ frames }) => frames.length > 0).length).toBeGreaterThan(ROWS / 20);
});

function decode(bytes: Buffer) {
  const frames: [message: object, attachment: string][] = [];
  try {
    for (const { message, attachment } of new FrameReader(Number.POSITIVE_INFINITY).push(bytes)) {
      frames.push([message, Buffer.from(attachment ?? []).toString('hex')]);
    }
    return { frames, end: 'waits' };
  } catch {
    return { frames, end: 'refused' };
  }
}
