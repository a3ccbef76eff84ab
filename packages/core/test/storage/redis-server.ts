import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a server is started with, beside what all have in common; `--port` is in it. */
export type ServerOptions = (port: number) => string[];

/** A real redis-server on a port of its own, which can go away and come back with its data. */
export class RedisServer {
  readonly port: number;
  readonly folder: string;
  readonly #args: string[];
  #process: ChildProcess | undefined;

  static async start(options: ServerOptions = (port) => ['--port', `${port}`]): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), 'code-mode-redis-'));
    for (let attempt = 0; ; attempt++) {
      const port = await freePort();
      const server = new RedisServer(port, folder, options(port));
      try {
        await server.#spawn();
        return server;
      } catch (error) {
        // Somebody else may have taken the port meanwhile.
        if (attempt === 10) throw error;
      }
    }
  }

  private constructor(port: number, folder: string, args: string[]) {
    this.port = port;
    this.folder = folder;
    this.#args = args;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Again, after `stop`. */
  async start(): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#spawn();
      } catch (error) {
        if (attempt === 50) throw error;
        await sleep(100);
      }
    }
  }

  async stop(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    if (this.#process === undefined || this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill(signal);
    await exited;
  }

  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  async dispose(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  /** Resolves when it says itself that it is ready: an answer on the port could be another server's. */
  async #spawn(): Promise<void> {
    const common = ['--bind', '127.0.0.1', '--dir', this.folder, '--save', '', '--appendonly', 'yes'];
    const child = spawn(process.env.REDIS_SERVER ?? 'redis-server', [...this.#args, ...common], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    // Also when the test run breaks off.
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('exit', () => process.off('exit', kill));
    await once(child, 'spawn');
    const said: string[] = [];
    const lines = createInterface(child.stdout);
    await new Promise<void>((resolve, reject) => {
      lines.on('line', (line) => {
        said.push(line);
        if (/Ready to accept connections|Sentinel ID is/.test(line)) resolve();
      });
      lines.once('close', () => reject(new Error(`redis-server did not start:\n${said.slice(-10).join('\n')}`)));
    });
    lines.close();
    child.stdout.resume();
    this.#process = child;
  }
}

/** Below the ports that the system gives to connections, and with room for a cluster's second port above it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
