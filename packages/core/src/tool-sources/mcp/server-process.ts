import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client';
import { atExit } from '../../at-exit.ts';
import type { ServerTarget } from './config.ts';

const STDERR_TAIL_CHARS = 2_000;
const MAX_MESSAGE_BYTES = 256 * 2 ** 20;
/** How long a server may take to end when its input has ended, and again after SIGTERM. */
const CLOSE_GRACE_MS = 2_000;
/** How long its output is read after it has ended: something it started may hold the pipe open for good. */
const DRAIN_MS = 200;

/** Which parts of the SDK the transport uses. */
export interface MessageFormat {
  serializeMessage(message: JSONRPCMessage): string;
  deserializeMessage(line: string): JSONRPCMessage;
}

/**
 * A server's process as an MCP transport. Unlike the SDK's it is the head of a process group, so that nothing of it stays
 * behind, it does not keep Node alive, and it knows how it ended.
 */
export class ServerProcess implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  /** Called once, as soon as the process is gone. */
  onended?: () => void;
  /** How it ended, e.g. `exit code 1` or `signal SIGKILL`. */
  ended: string | undefined;
  readonly #target: Extract<ServerTarget, { transport: 'stdio' }>;
  readonly #env: Record<string, string>;
  readonly #format: MessageFormat;
  #child: ChildProcess | undefined;
  #exit: Promise<void> | undefined;
  #stderr = '';
  #line: Buffer[] = [];
  #lineBytes = 0;

  constructor(
    target: Extract<ServerTarget, { transport: 'stdio' }>,
    env: Record<string, string>,
    format: MessageFormat,
  ) {
    this.#target = target;
    this.#env = env;
    this.#format = format;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** What it last wrote to its standard error. */
  get stderr(): string {
    return this.#stderr;
  }

  start(): Promise<void> {
    const { command, args, cwd } = this.#target;
    const child = spawn(command, args, { cwd, env: this.#env, stdio: 'pipe', detached: true });
    this.#child = child;
    child.unref();
    for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as Socket).unref();
    child.stdin.on('error', (error) => this.onerror?.(error));
    child.stdout.on('data', (chunk: Buffer) => this.#receive(chunk));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_TAIL_CHARS);
    });
    const drained = new Promise((resolve) => child.once('close', resolve));
    this.#exit = new Promise((resolve) => {
      child.once('exit', async (code, signal) => {
        this.ended = signal === null ? `exit code ${code}` : `signal ${signal}`;
        signalGroup(child, 'SIGKILL');
        this.onended?.();
        resolve();
        await within(DRAIN_MS, drained);
        this.onclose?.();
      });
    });
    return new Promise((resolve, reject) => {
      child.once('error', (error) => {
        this.ended ??= error.message;
        reject(error);
      });
      child.once('spawn', () => {
        // A host that ends without closing takes it along, also one that does not mind the end of its input.
        child.once(
          'exit',
          atExit(() => signalGroup(child, 'SIGTERM')),
        );
        resolve();
      });
    });
  }

  send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.#child?.stdin;
    return new Promise((resolve, reject) => {
      if (!stdin?.writable) reject(new Error('The server process does not run.'));
      else stdin.write(this.#format.serializeMessage(message), (error) => (error ? reject(error) : resolve()));
    });
  }

  async close(): Promise<void> {
    const child = this.#child;
    if (!child || !this.#exit || child.pid === undefined) return;
    child.stdin?.end();
    if (await within(CLOSE_GRACE_MS, this.#exit)) return;
    signalGroup(child, 'SIGTERM');
    if (await within(CLOSE_GRACE_MS, this.#exit)) return;
    signalGroup(child, 'SIGKILL');
    await this.#exit;
  }

  #receive(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      const line = Buffer.concat([...this.#line, chunk.subarray(start, end)]).toString();
      this.#line = [];
      this.#lineBytes = 0;
      start = end + 1;
      this.#message(line);
    }
    this.#line.push(chunk.subarray(start));
    this.#lineBytes += chunk.length - start;
    if (this.#lineBytes <= MAX_MESSAGE_BYTES) return;
    this.#stderr = `It sent a message of more than ${MAX_MESSAGE_BYTES} bytes.`;
    if (this.#child) signalGroup(this.#child, 'SIGKILL');
  }

  /** Servers also print what is no message: that is passed over. */
  #message(line: string): void {
    let message: JSONRPCMessage;
    try {
      message = this.#format.deserializeMessage(line);
    } catch (error) {
      this.onerror?.(error as Error);
      return;
    }
    this.onmessage?.(message);
  }
}

/** Waits for the promise, at most that long. @returns whether it has settled */
async function within(ms: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  const settled = await Promise.race([promise.then(() => true), over]);
  clearTimeout(timer);
  return settled;
}

/** Signals a process and all it started that stayed in its group. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // Nothing is left of it.
  }
}
