import { CodeModeError } from '../errors.ts';
import type { Tool, ToolProblem, ToolSource } from '../tool-sources/tool.ts';
import { useSource } from './source-use.ts';

/** A tool source as one session uses it: loaded when it is first needed, and again when it says that it has changed. */
export class LoadedSource {
  readonly source: ToolSource;
  /** What it offered when it was last asked. */
  tools: readonly Tool[] = [];
  #problem: ToolProblem | undefined;
  #current = false;
  #use: Promise<() => Promise<void>> | undefined;
  #unwatch: (() => void) | undefined;

  constructor(source: ToolSource) {
    this.source = source;
  }

  /** Whether `tools` is what the source offers now, as far as it has told. */
  get current(): boolean {
    return this.#current;
  }

  /** What it left out, and why it offers nothing at all. */
  get problems(): ToolProblem[] {
    return [...(this.#problem ? [this.#problem] : []), ...(this.source.problems?.() ?? [])];
  }

  /**
   * Asks the source for its tools. One that throws offers none: it is a problem, and is asked again the next time.
   * @throws CodeModeError `invalid_options`: a mistake in the host's program
   */
  async load(): Promise<void> {
    this.#use ??= useSource(this.source);
    await this.#use;
    if (!this.#use) return; // Closed meanwhile.
    this.#unwatch ??= this.source.watch?.(() => {
      this.#current = false;
    });
    // Set before the answer: a change meanwhile makes it old.
    this.#current = true;
    try {
      this.tools = [...(await this.source.tools())];
      this.#problem = undefined;
    } catch (error) {
      this.#current = false;
      this.tools = [];
      if (CodeModeError.isInstance(error) && error.code === 'invalid_options') throw error;
      const message = error instanceof Error ? error.message : String(error);
      this.#problem = { source: this.source.name, subject: this.source.name, message };
    }
  }

  /** Ends the use; the last session that uses the source closes it. */
  async close(): Promise<void> {
    this.#unwatch?.();
    this.#unwatch = undefined;
    const use = this.#use;
    this.#use = undefined;
    this.#current = false;
    const end = await use;
    await end?.();
  }
}
