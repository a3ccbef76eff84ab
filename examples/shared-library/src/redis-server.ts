import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

type Server = ChildProcessByStdio<null, Readable, null>;

/** Starts a Redis of our own, on a free port. It ends when disposed of, and with this process. */
export async function startRedis(): Promise<AsyncDisposable & { url: string }> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'code-mode-example-'));
  const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const server = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] });
  const kill = () => server.kill('SIGKILL');
  process.once('exit', kill);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  const stop = async () => {
    process.off('exit', kill);
    if (server.pid !== undefined && kill()) await once(server, 'exit');
    await rm(folder, { recursive: true });
  };
  try {
    await untilReady(server);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `redis://127.0.0.1:${port}`, [Symbol.asyncDispose]: stop };
}

async function untilReady(server: Server): Promise<void> {
  await once(server, 'spawn').catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === 'ENOENT' ? 'it is not installed' : cause.message;
    throw new Error(`redis-server could not be started: ${reason}. Install Redis and run this again.`, { cause });
  });
  const written: string[] = [];
  for await (const line of createInterface(server.stdout)) {
    written.push(line);
    if (!line.includes('Ready to accept connections')) continue;
    // What it writes from now on must not fill the pipe.
    server.stdout.resume();
    return;
  }
  throw new Error(`redis-server ended before it was ready:\n${written.join('\n')}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
