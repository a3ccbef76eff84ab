import { isValidName, type ParsedKey, privatePrefix } from '../keys.ts';

/** Where the bytes of a document are, below the store's folder. */
export interface Place {
  folder: string[];
  file: string;
  /** So many of the folders belong to the collection and stay when they are empty. */
  fixedDepth: number;
}

/** `workflows/<name>.py`, `artifacts/<name…>` and `deps/requirements.txt` as py-code-mode has them; the rest in a folder of ours. */
export function placeOf({ collection, segments }: ParsedKey): Place {
  const fixed = collectionFolder(collection);
  const last = segments.at(-1) ?? segments[0];
  const file = collection === 'workflows' ? `${last}.py` : last;
  return { folder: [...fixed, ...segments.slice(0, -1)], file, fixedDepth: fixed.length };
}

/** The name of the document in this file, or `undefined` when it is none. */
export function nameOf(collection: string, folders: readonly string[], file: string): string | undefined {
  if (collection === 'workflows' && !file.endsWith('.py')) return undefined;
  const name = [...folders, collection === 'workflows' ? file.slice(0, -3) : file].join('/');
  return isValidName(collection, name) ? name : undefined;
}

export function collectionFolder(collection: string): string[] {
  return pyCollections.has(collection) ? [collection] : [privatePrefix, 'data', collection];
}

const pyCollections = new Set(['workflows', 'artifacts', 'deps']);
