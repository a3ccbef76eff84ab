import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { CodeModeError } from '../../errors.ts';
import { explainStderr } from '../zygote/explain-stderr.ts';
import type { ZygoteOptions, ZygoteProcess } from '../zygote/zygote-process.ts';
import { type ContainerConfig, describeContainer, SOCKET } from './container-config.ts';
import type { ContainerEvent } from './container-events.ts';
import { type ContainerEngine, type EngineContainer, reasonOf, startFailed, statusOf } from './engine.ts';

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
    const { image } = config;
    const container = await engine.createContainer(describeContainer(config)).catch((error: unknown) => {
      throw explainCreation(config, error);
    });
    emit({ type: 'container-create', containerId: container.id, image });
    try {
      const attached = { stream: true, stdin: true, stderr: true, hijack: true };
      const stream = await container.attach(attached);
      const zygote = new ContainerZygote(engine, container, config, stream);
      const told: ZygoteOptions = { role: 'zygote', socket: SOCKET, ...options };
      stream.write(`${JSON.stringify(told)}\n`);
      await container.start();
      emit({ type: 'container-start', containerId: container.id });
      return zygote;
    } catch (error) {
      await removeContainer(container);
      throw explainStart(config, error);
    }
  }

  private constructor(
    engine: ContainerEngine,
    container: EngineContainer,
    config: ContainerConfig,
    stream: NodeJS.ReadWriteStream,
  ) {
    this.container = container;
    this.#config = config;
    const errors = new PassThrough();
    engine.modem.demuxStream(stream, new PassThrough().resume(), errors);
    errors.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_TAIL_CHARS);
    });
    (stream as Partial<Socket>).unref?.();
    stream.on('error', () => {});
    // The engine closes it when the container ends.
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

/** Removes a container, whatever it does; resolves when it is gone. */
async function removeContainer(container: EngineContainer): Promise<void> {
  try {
    await container.remove({ force: true, v: true });
  } catch (error) {
    // The engine removes it itself when it ends; until then it says that this is under way.
    if (statusOf(error) === 409) await container.wait({ condition: 'removed' }).catch(() => {});
  }
}

async function stateOf(container: EngineContainer): Promise<string> {
  try {
    return `its container is ${(await container.inspect()).State.Status}`;
  } catch {
    return 'its container is gone';
  }
}

function explainCreation({ image, runtime }: ContainerConfig, error: unknown): CodeModeError {
  const reason = reasonOf(error);
  if (statusOf(error) === 404) return startFailed(`The image ${image} is gone: ${reason}.`, error);
  if (/bind source path does not exist/.test(reason)) {
    const remedy = 'It must run on this machine, and this process in no container of its own.';
    return startFailed(`The container engine does not see this machine's files (${reason}). ${remedy}`, error);
  }
  const how = runtime === undefined ? '' : ` with the runtime ${runtime}`;
  return startFailed(`The container engine could not make a container of ${image}${how}: ${reason}.`, error);
}

function explainStart({ image, python }: ContainerConfig, error: unknown): CodeModeError {
  if (CodeModeError.isInstance(error)) return error;
  const reason = reasonOf(error);
  if (/executable file not found|no such file or directory/.test(reason) && reason.includes(python)) {
    const remedy = 'Take an image with Python 3.10 or newer, or name its interpreter with `python`.';
    return new CodeModeError('python_not_found', `The image ${image} has no ${python}. ${remedy}`, { cause: error });
  }
  return startFailed(`The container engine could not start a container of ${image}: ${reason}.`, error);
}
