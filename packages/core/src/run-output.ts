import type { SessionLimits } from './limits.ts';
import { OutputCollector } from './output-collector.ts';
import type { OutputChunk } from './run-result.ts';

const STDERR_TAIL_CHARS = 2_000;

/** Keeps the whole of a long output. Returns the name of the artifact, or undefined when it could not be saved. */
export type SaveOutput = (text: string) => Promise<string | undefined>;

/** What one run printed: the part that its result carries, and the artifact that has all of it when it is long. */
export class RunOutput {
  readonly #limits: SessionLimits;
  readonly #save: SaveOutput;
  readonly #all: OutputCollector;
  #decoders: Record<OutputChunk['stream'], InstanceType<typeof TextDecoder>> | undefined;
  #stderrTail = '';
  #artifact: string | undefined;

  constructor(limits: SessionLimits, save: SaveOutput) {
    this.#limits = limits;
    this.#save = save;
    this.#all = new OutputCollector(streamedBytes(limits));
  }

  /** The last of stderr, for a crash. */
  get stderrTail(): string {
    return this.#stderrTail;
  }

  /** The artifact that has the whole output, once `settle` has saved it. */
  get artifact(): string | undefined {
    return this.#artifact;
  }

  add(stream: OutputChunk['stream'], text: string, omittedBytes: number): void {
    this.#all.add(stream, text, omittedBytes);
    if (stream === 'stderr') this.#stderrTail = (this.#stderrTail + text).slice(-STDERR_TAIL_CHARS);
  }

  /** Text of bytes that come in pieces. */
  decode(stream: OutputChunk['stream'], bytes: Uint8Array): string {
    this.#decoders ??= { stdout: new TextDecoder(), stderr: new TextDecoder() };
    return this.#decoders[stream].decode(bytes, { stream: true });
  }

  /** Call when nothing more will come; wait for what it returns before `chunks()`. */
  settle(): Promise<void> | undefined {
    if (this.#all.bytes <= this.#limits.spillOverBytes) return undefined;
    const text = this.#all
      .chunks('it was too long for the artifact')
      .map((chunk) => chunk.text)
      .join('');
    return this.#save(text).then((name) => {
      this.#artifact = name;
    });
  }

  /** In the order in which it was written, at most about `limits.outputBytes`. */
  chunks(): OutputChunk[] {
    const shown = new OutputCollector(this.#limits.outputBytes);
    const advice =
      this.#artifact === undefined
        ? undefined
        : readAdvice(this.#artifact, Math.floor((this.#limits.outputBytes * 3) / 4));
    if (this.#all.bytes <= this.#limits.outputBytes) return this.#all.chunks(advice);
    for (const { stream, text } of this.#all.chunks(advice)) shown.add(stream, text);
    return shown.chunks(advice);
  }
}

/** What the kernel sends of a run's output. */
export function streamedBytes({ outputBytes, spillBytes }: SessionLimits): number {
  return Math.max(outputBytes, spillBytes);
}

/** How the model reads the part that it is not shown. */
export function readAdvice(artifact: string, start: number): string {
  return `all of it is in an artifact; read on with artifacts.read(${JSON.stringify(artifact)}, ${start}, ${start + 10_000})`;
}
