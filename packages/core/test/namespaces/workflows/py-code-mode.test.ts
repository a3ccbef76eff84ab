import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Session } from '../../../src/session.ts';
import { FileStorage } from '../../../src/storage/file.ts';
import { RedisStorage } from '../../../src/storage/redis.ts';
import { RedisServer } from '../../storage/redis-server.ts';
import { pythonValue, save } from './python.ts';

/** As py-code-mode wants it: `async def run`. */
const THEIRS =
  '"""Greets a person."""\n\n\nasync def run(name: str, loud: bool = False) -> str:\n    text = f"Hi {name}"\n    return text.upper() if loud else text\n';
const OURS =
  'async def run(cities: list[str], days: int = 3) -> dict:\n    """Plans a trip.\n\n    Args:\n        cities: Where to go.\n    """\n    return {}\n';

const entry = {
  name: 'greet',
  signature: 'workflows.greet(*, name: str, loud: bool = False) -> str',
  description: 'Greets a person.',
};

let redis: RedisServer;
let folder: string;

beforeAll(async () => {
  redis = await RedisServer.start();
  folder = mkdtempSync(join(tmpdir(), 'workflows-'));
});
afterAll(async () => {
  await redis.dispose();
  rmSync(folder, { recursive: true, force: true });
});

test.each([undefined, 'team-1'])('a folder that py-code-mode wrote, workspace %s', async (workspaceId) => {
  const workflows = join(folder, ...(workspaceId === undefined ? [] : ['workspaces', workspaceId]), 'workflows');
  mkdirSync(workflows, { recursive: true });
  writeFileSync(join(workflows, 'greet.py'), THEIRS);
  await using storage = new FileStorage(folder, workspaceId === undefined ? {} : { workspaceId });
  await using session = new Session({ storage });
  expect(await session.workflows.list()).toMatchObject([entry]);
  expect(await pythonValue(session, 'workflows.greet(name="Ada", loud=True)')).toBe('HI ADA');
  await pythonValue(session, save('trip', OURS));
  expect(readFileSync(join(workflows, 'trip.py'), 'utf8')).toBe(OURS);
});

test('a Redis that py-code-mode wrote', async () => {
  const client = new Redis(redis.url);
  const key = 'py_code_mode:workflows:__workflows__';
  await client.hset(
    key,
    'greet',
    JSON.stringify({ name: 'greet', description: 'Greets.', source: THEIRS, parameters: [] }),
  );
  await client.hset(key, 'broken', '{"name": "bro');
  await using storage = new RedisStorage({ url: redis.url });
  await using session = new Session({ storage });
  expect(await session.workflows.list()).toMatchObject([
    { name: 'broken', problem: expect.stringContaining('is not valid JSON') },
    entry,
  ]);
  expect(await pythonValue(session, 'workflows.greet(name="Ada")')).toBe('Hi Ada');
  await pythonValue(session, save('trip', OURS));
  const { name, description, source, parameters } = JSON.parse((await client.hget(key, 'trip')) ?? '');
  expect({ name, description, source, parameters }).toEqual({
    name: 'trip',
    description: 'Plans a trip.',
    source: OURS,
    parameters: [
      { name: 'cities', type: 'array', description: 'Where to go.', required: true, default: null },
      { name: 'days', type: 'integer', description: '', required: false, default: 3 },
    ],
  });
  client.disconnect();
});
