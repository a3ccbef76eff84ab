import type { StoreItem } from './store-items.ts';

/** The signs of py-code-mode: `+` only in the target, `-` only in the source, `~` in both and different, `=` the same. */
export type Sign = '+' | '-' | '~' | '=';

export interface Difference {
  sign: Sign;
  /** `workflows/greet` */
  item: string;
}

/** What the target has otherwise than the source, by name. */
export function compareStores(source: Map<string, StoreItem>, target: Map<string, StoreItem>): Difference[] {
  const names = [...new Set([...source.keys(), ...target.keys()])].sort();
  return names.map((item) => ({ sign: signOf(source.get(item), target.get(item)), item }));
}

function signOf(source: StoreItem | undefined, target: StoreItem | undefined): Sign {
  if (source === undefined) return '+';
  if (target === undefined) return '-';
  return source.fingerprint === target.fingerprint ? '=' : '~';
}
