import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { CodeModeError } from '../../errors.ts';
import { kernelFolder } from '../../kernel-folder.ts';
import { Channel } from '../../wire/channel.ts';
import { checkZygoteMessage } from '../../wire/check-message.ts';
import { FrameReader } from '../../wire/frames.ts';
import type {
  HostToZygoteMessage,
  KernelExitMessage,
  KernelOpenMessage,
  ZygoteReadyMessage,
} from '../../wire/messages.ts';
import { type Introduction, SocketServer } from './socket-server.ts';

const START_TIMEOUT_MS = 30_000;
const MAX_FRAME_BYTES = 1 << 20;
const STDERR_TAIL_CHARS = 4_000;

export interface ZygoteOptions {
  /** Absolute path of the interpreter. */
  python: string;
  /** The folder of the environment's packages. */
  sitePackages: string | null;
  preload: string[];
  env: Record<string, string>;
  startMethod: 'auto' | 'fork' | 'spawn';
}

/** What the zygote's connection brings for one kernel. */
export interface KernelEvents {
  /** One of the kernel's three connections. */
  connected(role: 'kernel' | 'stdout' | 'stderr', socket: Socket, rest: Buffer): void;
  exited(exit: KernelExitMessage): void;
  /** The zygote is gone, and the kernel with it. */
  lost(reason: string): void;
}

/** The Python process that is the parent of an executor's kernels, seen from the host. */
export class Zygote {
  readonly ready: ZygoteReadyMessage;
  readonly folder: string;
  readonly #process: ChildProcess;
  readonly #server: SocketServer;
  readonly #channel: Channel;
  readonly #kernels: Map<string, { secret: string; pid?: number; events: KernelEvents }>;
  readonly #requests = new Map<number, (answer: { delivered?: boolean; cpuMs?: number }) => void>();
  readonly #exited: Promise<void>;
  #requestId = 0;
  /** Why it can take no more kernels; undefined while it lives. */
  lostReason: string | undefined;

  /** @throws CodeModeError `kernel_start_failed` */
  static async start(options: ZygoteOptions): Promise<Zygote> {
    const secret = randomBytes(32).toString('hex');
    const kernels: Map<string, { secret: string; pid?: number; events: KernelEvents }> = new Map();
    let greeted: (introduction: Introduction) => void = () => {};
    const greeting = new Promise<Introduction>((resolve) => {
      greeted = resolve;
    });
    const server = await SocketServer.listen(
      (hello) => (hello.role === 'zygote' ? secret : kernels.get(hello.kernelId ?? '')?.secret),
      (introduction) => introduce(introduction, greeted, kernels),
    );
    const child = spawn(options.python, ['-I', '-X', 'utf8', kernelFolder()], {
      cwd: '/',
      env: options.env,
      stdio: ['pipe', 'ignore', 'pipe'],
      // Its own session: a signal to the host's group leaves it time to end the kernels.
      detached: true,
    });
    const stderr = tailOf(child);
    const { sitePackages, preload, startMethod } = options;
    child.stdin?.on('error', () => {});
    child.stdin?.end(
      `${JSON.stringify({ role: 'zygote', socket: server.path, secret, sitePackages, preload, startMethod })}\n`,
    );
    try {
      const introduction = await raceStart(child, greeting, stderr, options);
      return await Zygote.#greet(introduction, child, server, kernels);
    } catch (error) {
      child.kill('SIGKILL');
      await server.close();
      throw error;
    }
  }

  static #greet(
    { socket, rest }: Introduction,
    child: ChildProcess,
    server: SocketServer,
    kernels: Map<string, { secret: string; pid?: number; events: KernelEvents }>,
  ): Promise<Zygote> {
    return new Promise((resolve, reject) => {
      const channel = new Channel(socket, new FrameReader(MAX_FRAME_BYTES));
      channel.listener = {
        frame: (frame) => {
          const message = checkZygoteMessage(frame.message);
          if (message.type === 'zygote-ready') resolve(new Zygote(message, child, server, channel, kernels));
        },
        closed: (error) =>
          reject(error ?? new CodeModeError('kernel_start_failed', 'The zygote closed its connection.')),
      };
      if (rest.length) socket.unshift(rest);
    });
  }

  private constructor(
    ready: ZygoteReadyMessage,
    child: ChildProcess,
    server: SocketServer,
    channel: Channel,
    kernels: Map<string, { secret: string; pid?: number; events: KernelEvents }>,
  ) {
    this.ready = ready;
    this.folder = server.path.slice(0, server.path.lastIndexOf('/'));
    this.#process = child;
    this.#server = server;
    this.#channel = channel;
    this.#kernels = kernels;
    this.#exited = new Promise((resolve) => child.once('exit', () => resolve()));
    channel.listener = {
      frame: (frame) => this.#receive(checkZygoteMessage(frame.message)),
      closed: (error) => this.#lose(error?.message ?? 'the zygote ended'),
    };
  }

  get kernelCount(): number {
    return this.#kernels.size;
  }

  /** Asks for a kernel; what comes of it arrives through `events`. */
  open(spec: Omit<KernelOpenMessage, 'type' | 'secret'>, events: KernelEvents): void {
    const secret = randomBytes(32).toString('hex');
    this.#kernels.set(spec.kernelId, { secret, events });
    this.#send({ type: 'kernel-open', secret, ...spec });
  }

  /** Resolves once the signal is pending; false when there is no such kernel any more. */
  async signal(kernelId: string, action: 'interrupt' | 'kill'): Promise<boolean> {
    const { delivered } = await this.#request((requestId) => ({ type: 'kernel-signal', requestId, kernelId, action }));
    return delivered === true;
  }

  async cpuTimeMs(kernelId: string): Promise<number | undefined> {
    return (await this.#request((requestId) => ({ type: 'kernel-usage', requestId, kernelId }))).cpuMs;
  }

  /** Ends the zygote, which ends its kernels and removes its folder. */
  async close(): Promise<void> {
    this.#channel.end();
    const force = setTimeout(() => this.#process.kill('SIGKILL'), 5_000);
    this.#process.ref();
    await this.#exited;
    clearTimeout(force);
    this.#lose('the executor was closed');
    await this.#server.close();
  }

  #send(message: HostToZygoteMessage): void {
    this.#channel.send(message);
  }

  #request(message: (requestId: number) => HostToZygoteMessage): Promise<{ delivered?: boolean; cpuMs?: number }> {
    if (this.lostReason !== undefined) return Promise.resolve({});
    const requestId = ++this.#requestId;
    return new Promise((resolve) => {
      this.#requests.set(requestId, resolve);
      this.#send(message(requestId));
    });
  }

  #receive(message: ReturnType<typeof checkZygoteMessage>): void {
    switch (message.type) {
      case 'kernel-opened': {
        const kernel = this.#kernels.get(message.kernelId);
        if (kernel) kernel.pid = message.pid;
        return;
      }
      case 'kernel-exit': {
        const kernel = this.#kernels.get(message.kernelId);
        this.#kernels.delete(message.kernelId);
        kernel?.events.exited(message);
        return;
      }
      case 'kernel-signalled':
      case 'kernel-usage-report':
        this.#requests.get(message.requestId)?.(message);
        this.#requests.delete(message.requestId);
    }
  }

  #lose(reason: string): void {
    if (this.lostReason !== undefined) return;
    this.lostReason = reason;
    for (const resolve of this.#requests.values()) resolve({});
    this.#requests.clear();
    const kernels = [...this.#kernels.values()];
    this.#kernels.clear();
    for (const { pid, events } of kernels) {
      // The kernels die with the zygote; their own children are in their process groups.
      if (pid !== undefined) killGroup(pid);
      events.lost(reason);
    }
    void this.#server.close();
  }
}

function introduce(
  { hello, socket, rest }: Introduction,
  greeted: (introduction: Introduction) => void,
  kernels: Map<string, { events: KernelEvents }>,
): void {
  if (hello.role === 'zygote') greeted({ hello, socket, rest });
  else kernels.get(hello.kernelId as string)?.events.connected(hello.role, socket, rest);
}

function raceStart(
  child: ChildProcess,
  greeting: Promise<Introduction>,
  stderr: () => string,
  { python, preload }: ZygoteOptions,
): Promise<Introduction> {
  return new Promise((resolve, reject) => {
    const fail = (what: string, cause?: unknown) =>
      reject(
        new CodeModeError('kernel_start_failed', `${python} could not start: ${what}`, {
          cause,
          details: { python, preload, stderr: stderr() },
        }),
      );
    const timer = setTimeout(() => fail(`no answer within ${START_TIMEOUT_MS} ms. ${stderr()}`), START_TIMEOUT_MS);
    const settle = () => {
      clearTimeout(timer);
      child.off('close', ended);
      child.off('error', failed);
      child.unref();
    };
    const failed = (error: Error) => {
      settle();
      fail(error.message, error);
    };
    const ended = (code: number | null) => {
      settle();
      fail(explain(stderr()) || `it exited with code ${code}`);
    };
    child.once('error', failed);
    child.once('close', ended);
    void greeting.then((introduction) => {
      settle();
      resolve(introduction);
    });
  });
}

/** The last line of a traceback is the one that says what is wrong. */
function explain(stderr: string): string {
  const last = stderr.trimEnd().split('\n').at(-1) ?? '';
  return last.startsWith('ModuleNotFoundError')
    ? `${last}. Packages named in \`preload\` must be installed for this Python.`
    : last;
}

function tailOf(child: ChildProcess): () => string {
  let tail = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-STDERR_TAIL_CHARS);
  });
  (child.stderr as Socket | null)?.unref();
  return () => tail;
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}
