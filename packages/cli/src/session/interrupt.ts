import { EXIT } from '../exit-codes.ts';
import { Failure } from '../failure.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What ends a command from outside, e.g. Ctrl-C. The first one lets it close what it has opened; a second does not wait. */
export class Interrupt implements Disposable {
  readonly #controller = new AbortController();
  readonly #listener = () => {
    if (this.#controller.signal.aborted) process.exit(EXIT.interrupted);
    this.#controller.abort();
  };

  constructor() {
    for (const name of SIGNALS) process.on(name, this.#listener);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const name of SIGNALS) process.off(name, this.#listener);
  }
}

/** What the promise comes to, unless the signal comes first; what was begun is then left to itself. @throws Failure */
export function orInterrupted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new Failure('Interrupted.', EXIT.interrupted));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
