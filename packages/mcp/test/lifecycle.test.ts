import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { describe, expect, it, vi } from 'vitest';
import { BIN } from './bin-path.ts';
import { atEnd } from './harness.ts';

const SCRIPT = join(import.meta.dirname, 'busy-client.ts');

/** A client, its server, and all processes below the server while it runs a program that never ends. */
async function startBusy(): Promise<{ client: ChildProcess; server: number; below: string[] }> {
  const client = spawn(process.execPath, ['--conditions=@code-mode/source', SCRIPT], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  atEnd(() => client.kill('SIGKILL'));
  const [line] = await once(createInterface({ input: client.stdout }), 'line');
  const server = Number(line);
  const below = descendants(server);
  // The zygote and what is below it: the kernel, and what the program has started.
  expect(below.length).toBeGreaterThanOrEqual(3);
  return { client, server, below: [identity(server), ...below] };
}

describe.skipIf(process.platform !== 'linux')('no process is left', () => {
  it.each<[string, (busy: { client: ChildProcess; server: number }) => void]>([
    ['when the client is killed, and with it its end of the pipes', ({ client }) => void client.kill('SIGKILL')],
    ['after SIGTERM', ({ server }) => void process.kill(server, 'SIGTERM')],
    ['after SIGINT', ({ server }) => void process.kill(server, 'SIGINT')],
    ['when the server itself is killed', ({ server }) => void process.kill(server, 'SIGKILL')],
  ])('A.2 36: %s', async (_, end) => {
    const busy = await startBusy();
    end(busy);
    await allEnd(busy.below);
  });

  it('A.2 36, 47: when its input is closed; it has written messages alone, and to stderr nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'code-mode-mcp-'));
    atEnd(() => rmSync(folder, { recursive: true, force: true }));
    const server = spawn(process.execPath, [...BIN, '--no-config', '--base', folder], {
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
    });
    atEnd(() => server.kill('SIGKILL'));
    const exited = once(server, 'close');
    const errors = text(server.stderr);
    const lines = createInterface({ input: server.stdout });
    const received: { method?: string; params?: { message?: string } }[] = [];
    const running = new Promise<void>((resolve) => {
      lines.on('line', (line) => {
        const message = JSON.parse(line);
        received.push(message);
        if (message.params?.message === 'on\n') resolve();
      });
    });
    const clientInfo = { name: 'raw', version: '1' };
    const code = 'print("on", flush=True)\nwhile True: pass';
    for (const message of [
      { id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo } },
      { method: 'notifications/initialized' },
      {
        id: 2,
        method: 'tools/call',
        params: { name: 'run_code', arguments: { code }, _meta: { progressToken: 'p' } },
      },
    ])
      server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
    await running;
    const below = descendants(server.pid as number);
    expect(below.length).toBeGreaterThanOrEqual(2);
    server.stdin.end();
    expect(await exited).toEqual([0, null]);
    await allEnd(below);
    expect(received.filter((message) => (message as { jsonrpc?: string }).jsonrpc !== '2.0')).toEqual([]);
    expect(await errors).toBe('');
  });
});

async function allEnd(processes: string[]): Promise<void> {
  await vi.waitFor(() => expect(processes.filter(isAlive)).toEqual([]), { timeout: 50_000, interval: 50 });
}

/** A process by its id and the time it started: ids are used again. */
function identity(pid: number): string {
  return `${pid} ${statOf(pid)?.[19]}`;
}

function isAlive(known: string): boolean {
  const [pid = ''] = known.split(' ');
  const stat = statOf(Number(pid));
  // One that is dead and not yet fetched by its parent does nothing any more.
  return stat !== undefined && stat[0] !== 'Z' && known === `${pid} ${stat[19]}`;
}

function descendants(root: number): string[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? statOf(Number(name))?.[1] : undefined;
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const found = new Set([root]);
  // A child may be listed before its parent.
  for (let before = 0; before < found.size; ) {
    before = found.size;
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid);
  }
  found.delete(root);
  return [...found].map(identity);
}

/** The fields of a process behind its name: state, parent, …; undefined when it is gone. */
function statOf(pid: number): string[] | undefined {
  try {
    const path = `/proc/${pid}/stat`;
    return existsSync(path)
      ? readFileSync(path, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ')
      : undefined;
  } catch {
    return undefined;
  }
}
