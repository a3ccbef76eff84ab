import type { RunResult, SessionEvent } from '@code-mode/core';

/** Prints what the model, Python and the tools do, as it happens. */
export class Transcript {
  readonly #out: NodeJS.WritableStream;
  /** Calls of the run in progress, by tool. */
  readonly #calls = new Map<string, { count: number; totalMs: number; from: number; to: number }>();
  #lastSpeaker = '';
  /** What Python has written of a line. */
  #line = '';

  constructor(out: NodeJS.WritableStream) {
    this.#out = out;
  }

  say(speaker: string, text: string): void {
    if (text === '') return;
    for (const line of text.trimEnd().split('\n')) {
      const isNew = speaker !== this.#lastSpeaker;
      this.#lastSpeaker = speaker;
      this.#out.write(`${isNew ? '\n' : ''}${(isNew ? speaker : '').padStart(6)} │ ${line}\n`);
    }
  }

  /** What happens in the session. */
  readonly onEvent = (event: SessionEvent): void => {
    switch (event.type) {
      case 'kernel-start':
        this.say('demo', `Python ${event.pythonVersion} has started.`);
        break;
      case 'output':
        this.#print(event.text);
        break;
      case 'display':
        this.say('python', `(shows ${Object.keys(event.display.data).join(', ')})`);
        break;
      case 'workflow-save':
        this.say('python', `(saves workflow ${event.name}, version ${event.version})`);
        break;
      case 'call-end':
        this.#count(event.name, event.durationMs);
        break;
      case 'run-end':
        this.#print(this.#line === '' ? '' : '\n');
        this.#sayCalls();
        this.say('python', outcome(event.result));
    }
  };

  #print(text: string): void {
    const lines = (this.#line + text).split('\n');
    this.#line = lines.pop() ?? '';
    if (lines.length > 0) this.say('python', lines.join('\n'));
  }

  #count(name: string, durationMs: number): void {
    const to = performance.now();
    const { count, totalMs, from } = this.#calls.get(name) ?? { count: 0, totalMs: 0, from: to - durationMs };
    this.#calls.set(name, { count: count + 1, totalMs: totalMs + durationMs, from, to });
  }

  #sayCalls(): void {
    for (const [name, { count, totalMs, from, to }] of this.#calls) {
      this.say('tools', `${name}: ${count} calls of ${Math.round(totalMs / count)} ms, in ${Math.round(to - from)} ms`);
    }
    this.#calls.clear();
  }
}

function outcome(result: RunResult): string {
  switch (result.status) {
    case 'completed':
      return result.result === undefined ? '' : `→ ${JSON.stringify(result.result)}`;
    case 'failed':
      return result.error.traceback;
    case 'interrupted':
      return result.message;
    case 'crashed':
      return result.detail.message;
  }
}
