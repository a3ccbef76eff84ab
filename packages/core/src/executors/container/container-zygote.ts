import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { CodeModeError } from '../../errors.ts';
import { explainStderr } from '../zygote/explain-stderr.ts';
import type { ZygoteOptions, ZygoteProcess } from '../zygote/zygote-process.ts';
import { type ContainerConfig, SOCKET } from './container-config.ts';
import type { ContainerEvent } from './container-events.ts';
import type { ContainerEngine, EngineContainer } from './engine.ts';
import { removeContainer, type StartedContainer, startContainer } from './start-container.ts';

const STDERR_TAIL_CHARS = 4_000;

/** A zygote as the first process of a container. It is gone once the engine has removed the container. */
export class ContainerZygote implements ZygoteProcess {
  readonly exited: Promise<void>;
  readonly container: EngineContainer;
  readonly #config: ContainerConfig;
  #stderr = '';

  /** @throws CodeModeError `kernel_start_failed`, `python_not_found` */
  static async start(
    engine: ContainerEngine,
    config: ContainerConfig,
    options: Omit<ZygoteOptions, 'role' | 'socket'>,
    emit: (event: ContainerEvent) => void,
  ): Promise<ContainerZygote> {
    const told: ZygoteOptions = { role: 'zygote', socket: SOCKET, ...options };
    return new ContainerZygote(engine, config, await startContainer(engine, config, { told, stdout: false, emit }));
  }

  private constructor(engine: ContainerEngine, config: ContainerConfig, { container, stream }: StartedContainer) {
    this.container = container;
    this.#config = config;
    const errors = new PassThrough();
    engine.modem.demuxStream(stream, new PassThrough().resume(), errors);
    errors.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_TAIL_CHARS);
    });
    (stream as Partial<Socket>).unref?.();
    stream.on('error', () => {});
    const ended = new Promise<void>((resolve) => stream.once('close', resolve).once('end', resolve));
    this.exited = ended.then(() => removeContainer(container));
  }

  async failure(what?: string): Promise<CodeModeError> {
    const { image, python, memoryBytes } = this.#config;
    const said = explainStderr(this.#stderr).replace(/\.$/, '');
    const details = { image, python, stderr: this.#stderr };
    if (said.startsWith('code-mode needs Python')) {
      return new CodeModeError('python_not_found', `The image ${image} cannot be used: ${said}.`, { details });
    }
    const silent = `it ended without saying why. Its ${Math.round(memoryBytes / 1024 ** 2)} MiB of memory may be too few`;
    const reason = what ? `${what}; ${await stateOf(this.container)}` : said || silent;
    return new CodeModeError('kernel_start_failed', `Python could not start in the image ${image}: ${reason}.`, {
      details,
    });
  }

  kill(): void {
    void removeContainer(this.container);
  }
}

async function stateOf(container: EngineContainer): Promise<string> {
  try {
    return `its container is ${(await container.inspect()).State.Status}`;
  } catch {
    return 'its container is gone';
  }
}
