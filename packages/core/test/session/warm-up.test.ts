import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SubprocessExecutor } from '../../src/executors/subprocess/index.ts';
import { Session } from '../../src/session.ts';
import { temporaryFolders } from '../executors/processes.ts';

const systemFolder = process.env.TMPDIR;
// Each Python that kernels come from has a folder in here.
const folder = mkdtempSync(join(tmpdir(), 'cm-warm-'));

beforeAll(() => {
  process.env.TMPDIR = folder;
});

afterAll(() => {
  if (systemFolder === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = systemFolder;
  rmSync(folder, { recursive: true });
});

test('a warm-up starts the one Python that the first run takes', async () => {
  await using executor = new SubprocessExecutor();
  await using session = new Session({ executor });
  expect(temporaryFolders(folder)).toEqual([]);
  await session.warmUp();
  const started = temporaryFolders(folder);
  expect(started).toHaveLength(1);
  expect(await session.run('1 + 1')).toMatchObject({ status: 'completed', result: 2 });
  expect(temporaryFolders(folder)).toEqual(started);
}, 60_000);

test('what is wrong is told by the run', async () => {
  await using executor = new SubprocessExecutor({ python: '/nowhere/python3' });
  await using session = new Session({ executor });
  await session.warmUp();
  await expect(session.run('1 + 1')).rejects.toMatchObject({ code: 'python_not_found' });
});

test('what is closed starts nothing', async () => {
  const executor = new SubprocessExecutor();
  const session = new Session({ executor });
  await session.close();
  await session.warmUp();
  await executor.close();
  await executor.warmUp();
  expect(temporaryFolders(folder)).toEqual([]);
});
