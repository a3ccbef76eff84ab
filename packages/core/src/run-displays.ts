import type { SessionLimits } from './limits.ts';
import type { Display } from './run-result.ts';

/** The displays of one run, as many as its limits let it keep. */
export class RunDisplays {
  readonly kept: Display[] = [];
  readonly #limits: Pick<SessionLimits, 'maxDisplays' | 'displayBytes'>;
  #bytes = 0;
  #omitted = 0;

  constructor(limits: Pick<SessionLimits, 'maxDisplays' | 'displayBytes'>) {
    this.#limits = limits;
  }

  get omitted(): number {
    return this.#omitted;
  }

  /** Says whether it was kept. */
  add(display: Display): boolean {
    const bytes = Object.entries(display.data).reduce((sum, [type, text]) => sum + type.length + text.length, 0);
    const { maxDisplays, displayBytes } = this.#limits;
    if (this.kept.length >= maxDisplays || this.#bytes + bytes > displayBytes) {
      this.#omitted++;
      return false;
    }
    this.#bytes += bytes;
    this.kept.push(display);
    return true;
  }
}
