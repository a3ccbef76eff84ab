import { writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { putArtifact } from '../src/artifacts/artifact-actions.ts';
import { EXIT } from '../src/exit-codes.ts';
import { exitCodeOf, messageOf } from '../src/failure.ts';
import { runInit } from '../src/init/run-init.ts';
import { runCode } from '../src/run/run-code.ts';
import { copyStore, listStore } from '../src/store/store-actions.ts';
import { temporaryFolder } from './command.ts';
import { fakeTerminal } from './fake-terminal.ts';

const folder = temporaryFolder();
const file = join(folder, 'file');
writeFileSync(file, 'print("\u00e9")', 'latin1');
const { terminal } = fakeTerminal({ isTTY: false });

test.each<[string, () => Promise<unknown>, string, number]>([
  [
    'a program that is not there',
    () => runCode('nowhere.py', { images: '.' }, terminal),
    'nowhere.py cannot be used: it is not there. Check the path.',
    EXIT.usage,
  ],
  [
    'a folder as a program',
    () => runCode(folder, { images: '.' }, terminal),
    `${folder} cannot be used: it is a folder. Give a file.`,
    EXIT.usage,
  ],
  [
    'a program in another encoding',
    () => runCode(file, { images: '.' }, terminal),
    `${file} is no text in UTF-8: save it so, and run it again.`,
    EXIT.usage,
  ],
  [
    'a file where a folder is wanted',
    () => runInit(file, {}, terminal),
    `${file} cannot be used: there is a file of that name. Take another.`,
    EXIT.broken,
  ],
  [
    'a folder as an artifact',
    () => putArtifact('x', folder, { storage: folder } as object, terminal),
    `${folder} is a folder: give a file.`,
    EXIT.usage,
  ],
  [
    'a prefix for a folder',
    () => listStore({ target: folder, prefix: 'x' }, terminal),
    `--prefix goes with Redis, and ${folder} is none.`,
    EXIT.usage,
  ],
  [
    'a prefix for two folders',
    () => copyStore({ source: folder, target: folder, prefix: 'x' }, terminal),
    `--prefix goes with Redis, and ${folder} is none.`,
    EXIT.usage,
  ],
])('%s is refused in a sentence', async (_, act, message, exitCode) => {
  const error = await act().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect([messageOf(error), exitCodeOf(error)]).toEqual([message, exitCode]);
});

test('what the system says of a path becomes a sentence', async () => {
  const error = await mkdir(join(file, 'below')).catch((reason: unknown) => reason);
  expect(messageOf(error)).toBe(
    `${join(file, 'below')} cannot be used: a part of the path is no folder. Check the path.`,
  );
});
