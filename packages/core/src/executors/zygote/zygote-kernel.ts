import type { Socket } from 'node:net';
import { CodeModeError } from '../../errors.ts';
import { Channel } from '../../wire/channel.ts';
import { checkKernelMessage } from '../../wire/check-message.ts';
import { type Frame, FrameReader, protocolError } from '../../wire/frames.ts';
import type {
  HostToKernelMessage,
  KernelExitMessage,
  KernelReadyMessage,
  WireKernelLimits,
} from '../../wire/messages.ts';
import type { ControlGroup } from '../control-group/control-group.ts';
import type { Kernel, KernelExit, KernelListener } from '../executor.ts';
import type { NetworkProxy } from '../network/network-proxy.ts';
import { SilenceWatch } from './silence-watch.ts';
import type { Zygote } from './zygote.ts';

const CLOSE_GRACE_MS = 1_000;
/** After the kernel's end its sockets reach end of file at once; something else may still hold them. */
const DRAIN_MS = 500;
/** A kernel that has lost its connection ends; one that does not is ended. */
const CUT_OFF_MS = 5_000;
/** A kernel that is ready has made all its connections: they are accepted at once or never. */
const ACCEPT_MS = 5_000;
const UNCONNECTED =
  'not all of its connections were accepted. If this process has no file descriptor left, close something or raise `ulimit -n`';

export interface ZygoteKernelOptions {
  id: string;
  cwd: string;
  privateFolder: string;
  /** Whether it makes that folder itself, and the zygote removes it. */
  makesFolder?: boolean;
  env: Record<string, string>;
  limits: WireKernelLimits;
  /** Whether the kernel tells what holds it in. */
  observe: boolean;
  /** The way to the network, for a kernel that has one through the host. */
  network?: NetworkProxy | undefined;
  /** Limits that all its processes share, where this system has such. */
  group?: ControlGroup;
  maxFrameBytes: number;
  startTimeoutMs: number;
  /** Called once the kernel is gone, before its listener hears of it. */
  onGone(): void;
}

/** A kernel that a zygote forked or spawned. */
export class ZygoteKernel implements Kernel {
  readonly id: string;
  readonly #zygote: Zygote;
  readonly #options: ZygoteKernelOptions;
  readonly #gone: Promise<void>;
  #channel: Channel | undefined;
  #ready: KernelReadyMessage | undefined;
  readonly #streams = new Set<Socket>();
  #openStreams = 0;
  #connections = 0;
  #exit: KernelExit | undefined;
  #settleStart: ((error?: Error) => void) | undefined;
  #announceGone: () => void = () => {};
  #announced = false;
  #fault: KernelExit['fault'];
  readonly #cutOff = new SilenceWatch(CUT_OFF_MS, () => {
    this.#fault ??= lost('it closed its connection');
    void this.kill();
  });
  readonly #missing = new SilenceWatch(ACCEPT_MS, () => {
    this.#settleStart?.(startFailed(UNCONNECTED));
    void this.kill();
  });
  readonly #untold = new SilenceWatch(CUT_OFF_MS, () => {
    this.#leave({ fault: this.#fault ?? lost('it was gone already') });
  });
  /** What it wrote before it was ready: the traceback of a start that failed. */
  #complaint = '';
  listener: KernelListener | undefined;

  /** @throws CodeModeError `kernel_start_failed` */
  static async open(zygote: Zygote, options: ZygoteKernelOptions): Promise<ZygoteKernel> {
    const kernel = new ZygoteKernel(zygote, options);
    await kernel.#start();
    return kernel;
  }

  private constructor(zygote: Zygote, options: ZygoteKernelOptions) {
    this.id = options.id;
    this.#zygote = zygote;
    this.#options = options;
    this.#gone = new Promise((resolve) => {
      this.#announceGone = resolve;
    });
  }

  get pid(): number | undefined {
    return this.#zygote.isLocal ? this.#ready?.pid : undefined;
  }

  get pythonVersion(): string {
    return this.#ready?.pythonVersion ?? '';
  }

  /** Limits that are in force in the process. */
  get limits(): WireKernelLimits {
    return this.#ready?.limits ?? {};
  }

  /** The layers of isolation that hold it, each with what it saw of them; empty when it was not asked. */
  get layers(): Record<string, string> {
    return this.#ready?.layers ?? {};
  }

  send(message: HostToKernelMessage, attachment?: Uint8Array, taken?: () => void): void {
    this.#channel?.send(message, attachment, taken);
  }

  interrupt(): Promise<boolean> {
    return this.#zygote.signal(this.id, 'interrupt');
  }

  async kill(): Promise<void> {
    // One that has ended already is told of when all that it started has, too.
    if (!(await this.#zygote.signal(this.id, 'kill')) && !this.#exit) this.#untold.start();
    await this.#gone;
  }

  async close(): Promise<void> {
    this.#channel?.end();
    const force = setTimeout(() => void this.kill(), CLOSE_GRACE_MS);
    await this.#gone;
    clearTimeout(force);
  }

  cpuTimeMs(): Promise<number | undefined> {
    return this.#zygote.cpuTimeMs(this.id);
  }

  #start(): Promise<void> {
    const { id, cwd, privateFolder, makesFolder, env, limits, observe, startTimeoutMs } = this.#options;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#settleStart?.(startFailed(`it did not answer within ${startTimeoutMs} ms`));
        void this.kill();
      }, startTimeoutMs);
      this.#settleStart = (error) => {
        clearTimeout(timer);
        this.#settleStart = undefined;
        if (error) reject(error);
        else resolve();
      };
      this.#zygote.open(
        {
          kernelId: id,
          cwd,
          privateFolder,
          ...(makesFolder && { makesFolder }),
          env,
          limits,
          ...(observe && { observe }),
        },
        {
          connected: (role, socket, rest) => this.#connect(role, socket, rest),
          exited: (exit) => this.#leave(describeExit(exit, this.#fault)),
          lost: (reason) => this.#leave({ fault: lost(reason) }),
        },
      );
    });
  }

  #connect(role: 'kernel' | 'stdout' | 'stderr' | 'network', socket: Socket, rest: Buffer): void {
    if (role === 'network') {
      if (rest.length) socket.unshift(rest);
      if (this.#options.network && !this.#exit) this.#options.network.serve(socket);
      else socket.destroy();
      return;
    }
    this.#openStreams++;
    if (role === 'kernel') {
      this.#channel = new Channel(socket, new FrameReader(this.#options.maxFrameBytes));
      this.#channel.listener = {
        frame: (frame) => this.#receive(frame),
        closed: (error) => this.#disconnect(error),
      };
    } else {
      socket.on('data', (bytes) => {
        if (this.listener) this.listener.output(role, bytes as Buffer);
        else this.#complaint += String(bytes);
      });
      socket.once('close', () => this.#streamClosed());
      this.#streams.add(socket);
    }
    if (rest.length) socket.unshift(rest);
    this.#connections++;
    this.#checkStarted();
  }

  #receive(frame: Frame): void {
    const message = checkKernelMessage(frame.message);
    if (message.type === 'kernel-ready') {
      if (this.#ready) throw protocolError('a kernel is ready once');
      this.#ready = message;
      this.#enterGroup(message.pid);
      this.#checkStarted();
      return;
    }
    this.listener?.message(message, frame.attachment);
  }

  /** Before it runs anything of the model's. */
  #enterGroup(pid: number): void {
    try {
      this.#options.group?.enter(pid);
    } catch (error) {
      this.#settleStart?.(startFailed(`its control group would not take it (${(error as Error).message})`));
      void this.kill();
    }
  }

  #checkStarted(): void {
    if (!this.#ready) return;
    if (this.#connections === 3) {
      this.#missing.stop();
      this.#settleStart?.();
    } else {
      this.#missing.start();
    }
  }

  #disconnect(error: Error | undefined): void {
    if (CodeModeError.isInstance(error)) {
      this.#fault = { code: 'protocol_error', message: error.message };
      void this.kill();
    } else if (!this.#exit) {
      // A process that ends closes it too, and its end is told in a moment.
      this.#cutOff.start();
    }
    this.#streamClosed();
  }

  #streamClosed(): void {
    this.#openStreams--;
    if (this.#exit && this.#openStreams === 0) this.#announce();
  }

  /** The process is gone; what it wrote last may still be on its way. */
  #leave(exit: KernelExit): void {
    if (this.#exit) return;
    this.#cutOff.stop();
    this.#missing.stop();
    this.#untold.stop();
    this.#exit =
      this.#options.group?.ranOutOfMemory && exit.signal === 'SIGKILL' ? { ...exit, limit: 'memoryBytes' } : exit;
    this.#options.network?.close();
    if (this.#openStreams === 0) this.#announce();
    else setTimeout(() => this.#announce(), DRAIN_MS).unref();
  }

  #announce(): void {
    if (this.#announced) return;
    this.#announced = true;
    const exit = this.#exit as KernelExit;
    this.#channel?.destroy();
    // Something that outlived its zygote may hold the other end, and the server would wait for it.
    for (const stream of this.#streams) stream.destroy();
    this.#options.onGone();
    const why = this.#complaint.trimEnd().split('\n').at(-1);
    const end = this.#connections === 3 || exit.fault ? whyItEnded(exit) : `${whyItEnded(exit)}; ${UNCONNECTED}`;
    this.#settleStart?.(startFailed(why ? `${end} (${why})` : end));
    this.#announceGone();
    this.listener?.exit(exit);
  }
}

function describeExit(message: KernelExitMessage, fault: KernelExit['fault']): KernelExit {
  return {
    cpuMs: message.cpuMs,
    maxRssBytes: message.maxRssBytes,
    ...(message.exitCode !== undefined && { exitCode: message.exitCode }),
    ...(message.signal !== undefined && { signal: message.signal }),
    ...(message.startError !== undefined && { fault: lost(message.startError) }),
    ...(fault && { fault }),
  };
}

function whyItEnded(exit: KernelExit): string {
  if (exit.fault) return exit.fault.message;
  return exit.signal ? `it was ended by ${exit.signal}` : `it exited with code ${exit.exitCode}`;
}

function lost(reason: string): NonNullable<KernelExit['fault']> {
  return { code: 'kernel_lost', message: `The kernel is gone: ${reason}.` };
}

function startFailed(reason: string): CodeModeError {
  return new CodeModeError('kernel_start_failed', `A kernel could not start: ${reason}`);
}
