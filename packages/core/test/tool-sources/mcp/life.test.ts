import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Session } from '../../../src/session.ts';
import { fromMcp } from '../../../src/tool-sources/mcp/index.ts';
import { alive, expectNoProcess, until } from '../../executors/processes.ts';
import { bad, modern } from './servers.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cm-mcp-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/**
 * A badly behaved server, and what it wrote down: its starts and the calls it got. One that is not `patient` ends at the
 * first question, which is of another era, and is started again.
 */
function logged(name: string, ...how: string[]) {
  const LOG = join(folder, name);
  const lines = () => (existsSync(LOG) ? readFileSync(LOG, 'utf8').trim().split('\n') : []);
  return { server: { ...bad(...how), env: { LOG } }, lines };
}

describe('a server starts', () => {
  test('when code names tools or workflows, or the host asks for tools, and not before', async () => {
    const { server, lines } = logged('lazy', 'patient');
    await using session = new Session({ tools: [fromMcp(server, { prefix: 'bad' })] });
    expect(await session.run('x = 1\nx + 1')).toMatchObject({ result: 2 });
    expect(session.tools.loaded.size).toBe(0);
    expect(lines()).toEqual([]);
    expect(await session.run('workflows.list()')).toMatchObject({ result: [] });
    expect(lines()).toHaveLength(1);
    expect(session.tools.loaded.size).toBe(4);
  });

  test('when code reaches a tool without naming it', async () => {
    const { server, lines } = logged('unnamed', 'patient');
    await using session = new Session({ tools: [fromMcp(server, { prefix: 'bad' })] });
    expect(await session.run('t = globals()["to" + "ols"]\n1')).toMatchObject({ result: 1 });
    expect(lines()).toEqual([]);
    const run = await session.run('[hasattr(t, "bad"), int(t.bad.pid()) > 0]');
    expect(run).toMatchObject({ result: [true, true], calls: [{ name: 'tools.bad.pid' }] });
    expect(lines()).toHaveLength(2);
    expect(await session.run('t.bad.di()')).toMatchObject({ error: { name: 'ToolNotFoundError' } });
  });
});

describe('a server that dies', () => {
  test('between two calls is started again by the second', async () => {
    await using session = new Session({ tools: [fromMcp(modern())] });
    const pid = Number(((await session.run('tools.pid()')) as { result: string }).result);
    process.kill(pid, 'SIGKILL');
    await until(() => !existsSync(`/proc/${pid}`));
    const again = Number(((await session.run('tools.pid()')) as { result: string }).result);
    expect([again > 0, again === pid]).toEqual([true, false]);
    await session.close();
    expect(alive(again)).toBe(false);
  });

  test('during a call is named, and the call is not repeated', async () => {
    const { server, lines } = logged('during');
    await using session = new Session({ tools: [fromMcp(server, { prefix: 'bad' })] });
    expect(await session.run('tools.bad.die()')).toMatchObject({
      error: {
        name: 'ToolError',
        message:
          "MCP server 'bad' ended during this call (signal SIGKILL). The call was not repeated, because it may have had effects. The next call starts the server again. Its last lines on stderr:\nstarting\nabout to die",
      },
    });
    expect(await session.run('int(tools.bad.pid()) > 0')).toMatchObject({ result: true });
    expect(lines().filter((line) => line.startsWith('call'))).toEqual(['call die', 'call pid']);
  });

  test('and does not start again is named', async () => {
    const { server } = logged('once', 'once', 'patient');
    await using session = new Session({ tools: [fromMcp(server, { prefix: 'bad' })] });
    await session.run('try:\n    tools.bad.die()\nexcept ToolError: pass');
    expect(await session.run('tools.bad.pid()')).toMatchObject({
      error: {
        name: 'ToolError',
        message:
          "MCP server 'bad' had ended (signal SIGKILL) and could not be started: it ended with exit code 4 before it was ready. Its last lines on stderr:\nstarting\nnot a second time",
      },
    });
  });
});

describe('a source of several sessions', () => {
  test('is closed by the last one that uses it, and may be used again', async () => {
    const source = fromMcp(modern());
    const pidIn = async (session: Session) => Number(((await session.run('tools.pid()')) as { result: string }).result);
    const first = new Session({ tools: [source] });
    const second = new Session({ tools: [source] });
    const pid = await pidIn(first);
    expect(await pidIn(second)).toBe(pid);
    await first.close();
    expect(alive(pid)).toBe(true);
    await second.close();
    expect(alive(pid)).toBe(false);
    await using third = new Session({ tools: [source] });
    expect(alive(await pidIn(third))).toBe(true);
  });

  test('that is closed while it starts leaves nothing', async () => {
    const { server, lines } = logged('early', 'mute');
    await using session = new Session({ tools: [fromMcp(server)] });
    const run = session.run('tools');
    await until(() => lines().length > 0);
    await session.close();
    expect(await run).toMatchObject({ status: 'interrupted', reason: 'aborted' });
    expect(lines().map((line) => alive(Number(line.split(' ')[1])))).toEqual([false]);
    await expect(session.tools.list()).rejects.toMatchObject({ code: 'session_closed' });
  });
});

describe.concurrent('nothing is left', () => {
  test('when a session closes, also of a server that does not listen', async () => {
    await using session = new Session({ tools: [fromMcp({ servers: { deaf: bad('deaf'), modern: modern() } })] });
    const run = (await session.run('[int(tools.deaf.pid()), int(tools.modern.pid())]')) as { result?: number[] };
    expect(run.result?.map(alive)).toEqual([true, true]);
    await session.close();
    expect(run.result?.map(alive)).toEqual([false, false]);
  });

  test.each([
    ['when a Node process ends by itself without close', 'return', 0],
    ['when it ends with process.exit()', 'exit', 7],
    ['when it is killed', 'kill me', null],
  ])('%s', async (_, ending, code) => {
    const marker = join(folder, ending.replace(' ', '-'));
    const program = fileURLToPath(new URL('host-program.ts', import.meta.url));
    const child = spawn(process.execPath, ['--conditions=@code-mode/source', program, ending], {
      env: { ...process.env, LOG: marker, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    const exitCode = await new Promise((resolve) => child.once('close', resolve));
    expect([stdout, exitCode]).toEqual(['completed\n', code]);
    await expectNoProcess(marker);
  });
});
