import { randomBytes } from 'node:crypto';
import { CodeModeError, type Session, type SessionEvent } from '@code-mode/core';
import type { Client } from '../clients.ts';

/** The client's main session: what `run_code` runs in, and the default kernel of `python_exec`. */
export const MAIN_SESSION = 'main';
const DEFAULT_KERNEL = '_default';
/** Kernels that one client has at most, the default one included. */
const MAX_KERNELS = 10;

/** A session by its kernel id, and what it runs. */
export interface ClientKernel {
  readonly id: string;
  /** The client's name of its session. */
  readonly session: string;
  /** Id of the run in progress. */
  running?: string | undefined;
}

/** The kernels of one client by their ids. The default one is always there; it starts with its first run. */
export class Kernels {
  readonly #client: Client;
  /** Least recently used first. */
  readonly #kernels = new Map<string, ClientKernel>([[DEFAULT_KERNEL, { id: DEFAULT_KERNEL, session: MAIN_SESSION }]]);

  constructor(client: Client) {
    this.#client = client;
  }

  get ids(): string[] {
    return [...this.#kernels.keys()];
  }

  find(id: string | undefined): ClientKernel | undefined {
    const kernel = this.#kernels.get(id || DEFAULT_KERNEL);
    if (kernel) {
      this.#kernels.delete(kernel.id);
      this.#kernels.set(kernel.id, kernel);
    }
    return kernel;
  }

  /** A new kernel; the one that was idle for longest makes room. @throws CodeModeError `too_many_sessions` */
  async add(): Promise<ClientKernel> {
    const idle = this.#kernels.size >= MAX_KERNELS ? this.#makeRoom() : undefined;
    const id = randomBytes(4).toString('hex');
    const kernel = { id, session: `kernel-${id}` };
    // Its place is taken before anything is waited for: another one may be asked for meanwhile.
    this.#kernels.set(id, kernel);
    if (idle) await this.#client.release(idle.session);
    return kernel;
  }

  /** Its Python session, when it has run something. */
  open(kernel: ClientKernel): Session | undefined {
    return this.#client.sessions.find(this.#client.key(kernel.session));
  }

  /** Notes what a kernel runs, for `python_status` and `python_interrupt`. */
  note(kernel: ClientKernel, event: SessionEvent): void {
    if (event.type === 'run-start') kernel.running = event.runId;
    if (event.type === 'run-end' && kernel.running === event.runId) kernel.running = undefined;
  }

  /** Takes the one that was idle for longest from the list. */
  #makeRoom(): ClientKernel {
    const idle = [...this.#kernels.values()].find(
      (kernel) => kernel.id !== DEFAULT_KERNEL && this.open(kernel)?.idle !== false,
    );
    if (!idle)
      throw new CodeModeError(
        'too_many_sessions',
        `All ${MAX_KERNELS} kernels run code. Interrupt one with python_interrupt, or wait.`,
      );
    this.#kernels.delete(idle.id);
    return idle;
  }
}
