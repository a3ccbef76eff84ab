import { CodeModeError } from '../errors.ts';
import { visibleText } from '../prompts/visible-text.ts';

/** `collection/name`: `workflows/fetch_rows`, `artifacts/reports/q1.csv`, `deps/requirements.txt`, or a collection of ours. */
export type StorageKey = `${string}/${string}`;

export interface ParsedKey {
  /** The normalised key. */
  key: StorageKey;
  collection: string;
  name: string;
  /** The name, cut at its slashes. */
  segments: [string, ...string[]];
}

/** The one place that says which keys there are. Every bad one is an `invalid_name` of the same form. */
export function parseKey(key: string): ParsedKey {
  const slash = key.indexOf('/');
  const collection = checkCollection(slash < 0 ? key : key.slice(0, slash));
  const name = slash < 0 ? '' : key.slice(slash + 1).normalize('NFC');
  const reason = nameProblem(collection, name);
  if (reason !== undefined) throw invalidName(collection, name, reason);
  return { key: `${collection}/${name}`, collection, name, segments: name.split('/') as [string, ...string[]] };
}

/** For names found in a store: what cannot be a key is not listed. */
export function isValidName(collection: string, name: string): boolean {
  return name.normalize('NFC') === name && nameProblem(collection, name) === undefined;
}

export function parsePrefix(prefix: string): { collection: string; namePrefix: string } {
  const slash = prefix.indexOf('/');
  if (slash < 0) return { collection: checkCollection(prefix), namePrefix: '' };
  return { collection: checkCollection(prefix.slice(0, slash)), namePrefix: prefix.slice(slash + 1).normalize('NFC') };
}

export function checkCollection(collection: string): string {
  if (/^[a-z][a-z0-9-]{0,31}$/.test(collection)) return collection;
  throw invalidName('storage', collection, 'a collection has lower-case letters, digits and "-", at most 32');
}

export function checkWorkspaceId(id: string | undefined): string | undefined {
  if (id !== undefined && !/^[A-Za-z0-9_-]{1,128}$/.test(id)) {
    throw invalidName('workspace', id, 'use letters, digits, "_" and "-", at most 128');
  }
  return id;
}

export function checkLogName(name: string): string {
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(name)) {
    throw invalidName('log', name, 'use letters, digits, "_" and "-", at most 128');
  }
  return name;
}

export function invalidName(kind: string, name: string, reason: string): CodeModeError {
  const shown = name.length > 80 ? `${name.slice(0, 80)}…` : name;
  const message = `The name ${JSON.stringify(shown)} is not allowed in ${kind}: ${reason}.`;
  return new CodeModeError('invalid_name', message, { details: { kind, name, reason } });
}

/** Files of ours inside folders we share with py-code-mode start with it. */
export const privatePrefix = '.code-mode';
export const depsName = 'requirements.txt';

const maxNameBytes = 1000;
const maxSegmentBytes = 240;
const maxDepth = 16;

function nameProblem(collection: string, name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (/\p{Surrogate}/u.test(name)) return 'it is not valid Unicode';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(name)) return 'it holds a control character';
  if (visibleText(name) !== name) return 'it holds a character that nobody sees';
  if (name.includes('\\')) return 'use "/" to separate folders';
  if (Buffer.byteLength(name) > maxNameBytes) return `it is longer than ${maxNameBytes} bytes`;
  const segments = name.split('/');
  if (segments.length > maxDepth) return `it has more than ${maxDepth} parts`;
  for (const segment of segments) {
    const reason = segmentProblem(segment);
    if (reason !== undefined) return reason;
  }
  return collectionProblem(collection, name);
}

function segmentProblem(segment: string): string | undefined {
  if (segment === '') return 'it starts or ends with "/", or holds "//"';
  if (segment === '.' || segment === '..') return '"." and ".." are no names';
  if (Buffer.byteLength(segment) > maxSegmentBytes) return `a part is longer than ${maxSegmentBytes} bytes`;
  // Case is folded because some file systems fold it.
  if (segment.toLowerCase().startsWith(privatePrefix)) return `names that start with "${privatePrefix}" are reserved`;
  return undefined;
}

function collectionProblem(collection: string, name: string): string | undefined {
  const folded = name.toLowerCase();
  if (collection === 'workflows' && !/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) {
    return 'use a Python identifier: letters, digits and "_", a letter first';
  }
  if (collection === 'artifacts' && (folded.split('/')[0] === '.artifacts.json' || folded === '__index__')) {
    return 'it is reserved for the index';
  }
  if (collection === 'deps' && name !== depsName) return `the only document there is "${depsName}"`;
  return undefined;
}
