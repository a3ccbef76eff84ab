import { invalidName, parseKey, type StorageKey } from '../../storage/keys.ts';

/**
 * The place of a workflow in storage. The one place that says which names a workflow may have.
 * @throws CodeModeError `invalid_name`
 */
export function workflowKey(name: string): StorageKey {
  const reason = reservedReason(name);
  if (reason !== undefined) throw invalidName('workflows', name, reason);
  return parseKey(`workflows/${name}`).key;
}

/** Why a name that storage allows cannot be a workflow's. */
export function reservedReason(name: string): string | undefined {
  if (/^__\w*__$/u.test(name)) return 'names like __this__ are kept for Python';
  if (keywords.has(name)) return 'it is a keyword of Python';
  if (functions.has(name)) return `workflows.${name} is a function already`;
  if (namespaces.has(name)) return 'it is the name of a namespace';
  return undefined;
}

const functions = new Set(['list', 'search', 'get', 'invoke', 'create', 'delete', 'history', 'rollback', 'aio']);
const namespaces = new Set(['tools', 'workflows', 'artifacts', 'deps']);
const keywords = new Set(
  'False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield'.split(
    ' ',
  ),
);
