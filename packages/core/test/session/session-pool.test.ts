import { afterEach, describe, expect, it } from 'vitest';
import { createCodeTool } from '../../src/code-tool.ts';
import { CodeModeError } from '../../src/errors.ts';
import { SessionPool, type SessionPoolOptions } from '../../src/session-pool.ts';
import { defineTool } from '../../src/tool-sources/function.ts';

const pools: SessionPool[] = [];
const open = (options?: SessionPoolOptions) => {
  const pool = new SessionPool(options);
  pools.push(pool);
  return pool;
};

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

const pay = defineTool({ name: 'pay', description: 'Pays.', needsApproval: true, execute: () => 'paid' });

describe('SessionPool', () => {
  it('gives each conversation a session of its own, and always the same one', async () => {
    const pool = open();
    await pool.acquire('ann').run('x = 1');
    expect(pool.acquire('ann')).toBe(pool.find('ann'));
    expect(await pool.acquire('ann').run('x')).toMatchObject({ result: 1 });
    expect(await pool.acquire('bob').run('"x" in globals()')).toMatchObject({ result: false });
    expect(await pool.session.run('"x" in globals()')).toMatchObject({ result: false });
    expect(pool.size).toBe(2);
  });

  it('takes an object for a conversation without a name', () => {
    const pool = open();
    const one = {};
    expect(pool.acquire(one)).toBe(pool.acquire(one));
    expect(pool.acquire({})).not.toBe(pool.acquire(one));
  });

  it.each([undefined, '', '  ', null, 7])('refuses %j as a key: it could be anybody', (key) => {
    const pool = open();
    const refusal = refusalOf(() => pool.acquire(key as string));
    expect(refusal).toEqual({
      code: 'session_key_missing',
      message: `This call does not say which conversation it belongs to, so it could reach somebody else's session: its session key is ${key === undefined ? 'undefined' : JSON.stringify(key)}. See the adapter's \`sessionKey\`.`,
    });
    expect(pool.size).toBe(0);
  });

  it('closes the session that was not used for longest when one more is needed', async () => {
    const pool = open({ maxSessions: 2 });
    const [a, b] = [pool.acquire('a'), pool.acquire('b')];
    pool.acquire('a');
    pool.acquire('c');
    expect(pool.find('b')).toBeUndefined();
    expect(pool.find('a')).toBe(a);
    await expect(b.run('1')).rejects.toThrow('The session is closed.');
  });

  it('never closes one that runs or waits for an approval', async () => {
    const pool = open({ maxSessions: 2, tools: [pay] });
    const waiting = pool.acquire('a').begin('tools.pay()');
    await waiting.settled();
    const running = pool.acquire('b').run('import time\nwhile True: time.sleep(0.01)');
    expect(refusalOf(() => pool.acquire('c'))).toEqual({
      code: 'too_many_sessions',
      message: 'All 2 sessions of the pool run code or wait for an approval (maxSessions). Try again later.',
    });
    expect(pool.size).toBe(2);
    await pool.close();
    expect(await running).toMatchObject({ status: 'interrupted', message: expect.stringContaining('was closed') });
  });

  it('closes a session that was idle for idleMs, not one that waits', async () => {
    const pool = open({ idleMs: 50, tools: [pay] });
    const run = pool.acquire('waits').begin('tools.pay()');
    const state = await run.settled();
    await pool.acquire('idle').run('1');
    await expect.poll(() => pool.find('idle'), { timeout: 50_000 }).toBeUndefined();
    expect(pool.find('waits')).toBeDefined();
    if (state.kind === 'approval') run.decide({ requestId: state.requests[0]?.requestId as string, approved: true });
    expect(await run.settled()).toMatchObject({ kind: 'finished', result: { result: 'paid' } });
    await expect.poll(() => pool.size, { timeout: 50_000 }).toBe(0);
  });

  it('tells the model that the variables are gone with a closed session, once', async () => {
    const pool = open({ maxSessions: 1 });
    const tool = createCodeTool(pool, { sessionKey: (call: string) => call });
    const run = async (call: string, code: string) => (await tool.execute({ code }, { call })).stateLost;
    expect([await run('a', 'x = 1'), await run('b', 'x = 2')]).toEqual([undefined, undefined]);
    expect([await run('a', '1'), await run('a', '1')]).toEqual([true, undefined]);
  });

  it('forgets a conversation that was ended', async () => {
    const pool = open();
    const session = pool.acquire('a');
    await pool.release('a');
    await expect(session.run('1')).rejects.toThrow('The session is closed.');
    expect(pool.takeLoss(pool.acquire('a'))).toBe(false);
  });

  it('never takes a new session for the one that was ended', async () => {
    const pool = open({ idleMs: 50, tools: [pay] });
    void pool.acquire('a').begin('import time\nwhile True: time.sleep(0.01)');
    await pool.release('a');
    const renewed = pool.acquire('a');
    await renewed.begin('tools.pay()').settled();
    await pool.acquire('idle').run('1');
    await expect.poll(() => pool.find('idle'), { timeout: 50_000 }).toBeUndefined();
    expect(pool.find('a')).toBe(renewed);
  });

  it('makes each session of the same options, and of its own', async () => {
    const users: unknown[] = [];
    const one = defineTool({ name: 'one', description: 'One.', execute: (_, { sessionId }) => users.push(sessionId) });
    const pool = open({
      tools: new Set([one]),
      sessionOptions: (key) => ({ limits: { timeoutMs: key === 'slow' ? 9_000 : 1_000 } }),
    });
    expect([pool.acquire('slow').limits.timeoutMs, pool.acquire('fast').limits.timeoutMs]).toEqual([9_000, 1_000]);
    for (const key of ['slow', 'fast'])
      expect(await pool.acquire(key).run('tools.one()')).toMatchObject({ calls: [{}] });
    expect(users).toEqual([pool.acquire('slow').id, pool.acquire('fast').id]);
  });

  it('closes every session with the pool, and opens no more', async () => {
    const pool = open();
    const session = pool.acquire('a');
    await pool.close();
    await pool.close();
    await expect(session.run('1')).rejects.toThrow('The session is closed.');
    await expect(pool.session.run('1')).rejects.toThrow('The session is closed.');
    expect(refusalOf(() => pool.acquire('a'))).toMatchObject({ code: 'session_closed' });
  });

  it.each([{ idleMs: 0 }, { idleMs: 2 ** 31 }, { maxSessions: Number.NaN }])('refuses %j', (options) => {
    expect(refusalOf(() => open(options))).toMatchObject({ code: 'invalid_options' });
  });
});

function refusalOf(action: () => unknown): { code: string; message: string } | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (!CodeModeError.isInstance(error)) throw error;
    return { code: error.code, message: error.message };
  }
}
