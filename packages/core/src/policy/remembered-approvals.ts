import { hash } from 'node:crypto';
import { toReadable } from '../wire/readable-value.ts';

/** What an approval is for. */
export interface Approvable {
  kind: 'call' | 'install' | 'run';
  name: string;
  /** All it must not differ in, e.g. its arguments and the hash of the workflow that is to run: data, no objects of a class. */
  binding: unknown;
}

/**
 * Approvals that hold for the session: for the same call with the same arguments, because nobody has seen any other.
 */
export class RememberedApprovals {
  readonly #requestIds = new Map<string, string>();

  add(approved: Approvable, requestId: string): void {
    this.#requestIds.set(keyOf(approved), requestId);
  }

  /** The request that was approved, if one was. */
  find(wanted: Approvable): string | undefined {
    return this.#requestIds.size === 0 ? undefined : this.#requestIds.get(keyOf(wanted));
  }
}

function keyOf({ kind, name, binding }: Approvable): string {
  return hash('sha256', JSON.stringify([kind, name, toReadable(binding)], inOrder));
}

/** Python may name the same arguments in another order. */
function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
