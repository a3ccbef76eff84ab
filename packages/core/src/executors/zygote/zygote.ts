import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { CodeModeError } from '../../errors.ts';
import { Channel } from '../../wire/channel.ts';
import { checkZygoteMessage } from '../../wire/check-message.ts';
import { FrameReader } from '../../wire/frames.ts';
import type {
  HelloMessage,
  HostToZygoteMessage,
  KernelExitMessage,
  KernelOpenMessage,
  ZygoteReadyMessage,
} from '../../wire/messages.ts';
import { SilenceWatch } from './silence-watch.ts';
import { type Introduction, SocketServer } from './socket-server.ts';
import type { StartZygote, ZygoteProcess } from './zygote-process.ts';

const MAX_FRAME_BYTES = 1 << 20;
/** How long a zygote may take to say who it is, and then to be ready. */
const START_TIMEOUT_MS = 30_000;
/** How long it may take to end its kernels before it is ended itself. */
const CLOSE_TIMEOUT_MS = 5_000;
/** How long a zygote that was asked for something may say nothing at all. */
const SILENCE_MS = 10_000;

/** What the zygote's connection brings for one kernel. */
export interface KernelEvents {
  /** One of the kernel's three connections, or one to the network. */
  connected(role: 'kernel' | 'stdout' | 'stderr' | 'network', socket: Socket, rest: Buffer): void;
  exited(exit: KernelExitMessage): void;
  /** The zygote is gone, and the kernel with it. */
  lost(reason: string): void;
}

type Kernels = Map<
  string,
  { secret: string; opened?: true; pid?: number; connected: Set<string>; events: KernelEvents }
>;

/** The Python process that is the parent of an executor's kernels, seen from the host. */
export class Zygote {
  readonly ready: ZygoteReadyMessage;
  readonly folder: string;
  readonly #process: ZygoteProcess;
  readonly #server: SocketServer;
  readonly #channel: Channel;
  readonly #kernels: Kernels;
  readonly #requests = new Map<number, (answer: { delivered?: boolean; cpuMs?: number }) => void>();
  readonly #silence = new SilenceWatch(SILENCE_MS, () => this.#giveUp());
  #requestId = 0;
  /** Why it can take no more kernels; undefined while it lives. */
  lostReason: string | undefined;

  /** @throws CodeModeError `kernel_start_failed` */
  static async start(start: StartZygote): Promise<Zygote> {
    const secret = randomBytes(32).toString('hex');
    const kernels: Kernels = new Map();
    let introduced = false;
    let greeted: (introduction: Introduction) => void = () => {};
    const greeting = new Promise<Introduction>((resolve) => {
      greeted = resolve;
    });
    const server = await SocketServer.listen(
      (hello) => secretOf(hello, introduced ? undefined : secret, kernels),
      (introduction) => {
        introduced ||= introduction.hello.role === 'zygote';
        introduce(introduction, greeted, kernels);
      },
    );
    let zygoteProcess: ZygoteProcess | undefined;
    try {
      zygoteProcess = await start({ socket: server.path, secret });
      const introduction = await untilGreeted(zygoteProcess, greeting);
      return await Zygote.#greet(introduction, zygoteProcess, server, kernels);
    } catch (error) {
      zygoteProcess?.kill();
      await server.close();
      throw error;
    }
  }

  static #greet(
    { socket, rest }: Introduction,
    zygoteProcess: ZygoteProcess,
    server: SocketServer,
    kernels: Kernels,
  ): Promise<Zygote> {
    let timer: NodeJS.Timeout | undefined;
    const greeted = new Promise<Zygote>((resolve, reject) => {
      const late = async () => reject(await zygoteProcess.failure(`it was not ready within ${START_TIMEOUT_MS} ms`));
      timer = setTimeout(late, START_TIMEOUT_MS);
      const channel = new Channel(socket, new FrameReader(MAX_FRAME_BYTES));
      channel.listener = {
        frame: (frame) => {
          const message = checkZygoteMessage(frame.message);
          if (message.type === 'zygote-ready') resolve(new Zygote(message, zygoteProcess, server, channel, kernels));
        },
        closed: (error) =>
          reject(error ?? new CodeModeError('kernel_start_failed', 'The zygote closed its connection.')),
      };
      if (rest.length) socket.unshift(rest);
    });
    return greeted.finally(() => clearTimeout(timer));
  }

  private constructor(
    ready: ZygoteReadyMessage,
    zygoteProcess: ZygoteProcess,
    server: SocketServer,
    channel: Channel,
    kernels: Kernels,
  ) {
    this.ready = ready;
    this.folder = server.path.slice(0, server.path.lastIndexOf('/'));
    this.#process = zygoteProcess;
    this.#server = server;
    this.#channel = channel;
    this.#kernels = kernels;
    channel.listener = {
      frame: (frame) => this.#receive(checkZygoteMessage(frame.message)),
      closed: (error) => this.#lose(error?.message ?? 'the zygote ended'),
    };
  }

  /** Whether its processes have ids that mean something to this one. */
  get isLocal(): boolean {
    return this.#process.killGroup !== undefined;
  }

  get kernelCount(): number {
    return this.#kernels.size;
  }

  /** Asks for a kernel; what comes of it arrives through `events`. */
  open(spec: Omit<KernelOpenMessage, 'type' | 'secret'>, events: KernelEvents): void {
    if (this.lostReason !== undefined) {
      // It was lost since whoever asks got hold of it.
      events.lost(this.lostReason);
      return;
    }
    const secret = randomBytes(32).toString('hex');
    this.#kernels.set(spec.kernelId, { secret, connected: new Set(), events });
    this.#send({ type: 'kernel-open', secret, ...spec });
    this.#silence.start();
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
    const force = setTimeout(() => this.#process.kill(), CLOSE_TIMEOUT_MS);
    // Everything of ours is unreferenced, so Node would end before it has.
    const hold = setInterval(() => {}, 2 ** 30);
    await this.#process.exited;
    clearInterval(hold);
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
      this.#silence.start();
    });
  }

  #receive(message: ReturnType<typeof checkZygoteMessage>): void {
    switch (message.type) {
      case 'kernel-opened': {
        const kernel = this.#kernels.get(message.kernelId);
        if (kernel) Object.assign(kernel, { opened: true, ...(message.pid !== undefined && { pid: message.pid }) });
        break;
      }
      case 'kernel-exit': {
        const kernel = this.#kernels.get(message.kernelId);
        this.#kernels.delete(message.kernelId);
        kernel?.events.exited(message);
        break;
      }
      case 'kernel-signalled':
      case 'kernel-usage-report':
        this.#requests.get(message.requestId)?.(message);
        this.#requests.delete(message.requestId);
    }
    this.#silence.heard();
    if (!this.#owesAnswers) this.#silence.stop();
  }

  get #owesAnswers(): boolean {
    return this.#requests.size > 0 || [...this.#kernels.values()].some(({ opened }) => !opened);
  }

  /** It is stopped, or hangs: nothing that it holds can be used any more. */
  #giveUp(): void {
    this.#lose(`the zygote has not answered for ${SILENCE_MS / 1_000} s`);
    this.#channel.destroy();
    this.#process.kill();
  }

  #lose(reason: string): void {
    if (this.lostReason !== undefined) return;
    this.lostReason = reason;
    this.#silence.stop();
    for (const resolve of this.#requests.values()) resolve({});
    this.#requests.clear();
    const kernels = [...this.#kernels.values()];
    this.#kernels.clear();
    for (const { pid, events } of kernels) {
      // The kernels die with the zygote; their own children are in their process groups.
      if (pid !== undefined) this.#process.killGroup?.(pid);
      events.lost(reason);
    }
    void this.#server.close();
  }
}

/**
 * A secret opens each connection once: what a later kernel might find of it in memory opens nothing. Only those to the
 * network are many, and go no further than those of that kernel.
 */
function secretOf(
  { kernelId = '', role }: HelloMessage,
  zygoteSecret: string | undefined,
  kernels: Kernels,
): string | undefined {
  if (role === 'zygote') return zygoteSecret;
  const kernel = kernels.get(kernelId);
  return role !== 'network' && kernel?.connected.has(role) ? undefined : kernel?.secret;
}

function introduce(
  { hello, socket, rest }: Introduction,
  greeted: (introduction: Introduction) => void,
  kernels: Kernels,
): void {
  if (hello.role === 'zygote') {
    greeted({ hello, socket, rest });
    return;
  }
  const kernel = kernels.get(hello.kernelId as string);
  kernel?.connected.add(hello.role);
  kernel?.events.connected(hello.role, socket, rest);
}

/** Waits for the zygote to introduce itself. @throws CodeModeError when it ends or says nothing */
async function untilGreeted(zygoteProcess: ZygoteProcess, greeting: Promise<Introduction>): Promise<Introduction> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, START_TIMEOUT_MS);
  });
  try {
    return await Promise.race([
      greeting,
      zygoteProcess.exited.then(async () => Promise.reject(await zygoteProcess.failure())),
      late.then(async () => Promise.reject(await zygoteProcess.failure(`no answer within ${START_TIMEOUT_MS} ms`))),
    ]);
  } finally {
    clearTimeout(timer);
  }
}
