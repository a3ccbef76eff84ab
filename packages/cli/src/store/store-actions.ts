import type { Metadata, Storage } from '@code-mode/core';
import { columns } from '../terminal/columns.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { checkWorkflows } from './check-workflows.ts';
import { compareStores, type Difference } from './compare-stores.ts';
import { copyDocument, copyItems } from './copy-items.ts';
import { isRedis, openPlace } from './open-place.ts';
import { ITEM_TYPES, type ItemType, storeItems } from './store-items.ts';

export interface StoreFlags {
  source?: string;
  target?: string;
  dest?: string;
  prefix?: string;
  workspace?: string;
  sourcePrefix?: string;
  sourceWorkspace?: string;
  type?: ItemType;
  clear?: boolean;
  dryRun?: boolean;
  yes?: boolean;
  json?: boolean;
}

/** `code-mode store list`. */
export async function listStore({ target = '', ...flags }: StoreFlags, terminal: Terminal): Promise<void> {
  await using storage = await openPlace(target, { ...flags, workspace: flags.workspace, mustExist: true });
  using progress = terminal.progress('Reading …');
  const items = await storeItems(storage, typesOf(flags), (name) => progress.update(`Reading ${name} …`));
  progress.end();
  if (flags.json) return terminal.printJson([...items.values()]);
  if (items.size === 0) return terminal.say(`${target} keeps nothing.`);
  const rows = [...items].map(([name, { fingerprint, size, type }]) =>
    type === 'deps' ? [name, '', fingerprint] : [name, fingerprint.slice(0, 12), `${size} bytes`],
  );
  terminal.print(columns(rows));
}

/** `code-mode store diff`. */
export async function diffStores(
  { source = '', target = '', ...flags }: StoreFlags,
  terminal: Terminal,
): Promise<void> {
  await using from = await openPlace(source, { mustExist: true });
  await using to = await openPlace(target, { ...flags, mustExist: true });
  const differences = await compare(from, to, flags, terminal);
  if (flags.json) return terminal.printJson(differences);
  for (const { sign, item } of differences) terminal.print(item, `${colored(sign, terminal)} `);
}

/** `code-mode store bootstrap`: files become a store, or a part of it. */
export async function bootstrapStore(
  { source = '', target = '', ...flags }: StoreFlags,
  terminal: Terminal,
): Promise<void> {
  await using from = await openPlace(source, { mustExist: true });
  await using to = await openPlace(target, { ...flags, mustExist: false });
  const differences = await compare(from, to, flags, terminal);
  const names = changedWorkflows(differences);
  const known = await checkWorkflows(from, names);
  await transfer({ from, to, name: target }, differences, flags, terminal, (name) => ({
    description: known.get(name)?.description ?? '',
  }));
}

/** `code-mode store pull`: a store, or a part of it, becomes files. */
export async function pullStore({ target = '', dest = '', ...flags }: StoreFlags, terminal: Terminal): Promise<void> {
  await using from = await openPlace(target, { ...flags, mustExist: true });
  await using to = await openPlace(dest, { mustExist: false });
  const differences = await compare(from, to, flags, terminal);
  await transfer({ from, to, name: dest }, differences, flags, terminal, () => undefined);
}

/** `code-mode store copy`: all that a store keeps, versions and decisions included. */
export async function copyStore({ source = '', target = '', ...flags }: StoreFlags, terminal: Terminal): Promise<void> {
  const { prefix, sourceWorkspace } = flags;
  const sourcePrefix = flags.sourcePrefix ?? (isRedis(source) ? prefix : undefined);
  // One flag for whichever is Redis.
  const targetPrefix = isRedis(target) || !isRedis(source) ? prefix : undefined;
  await using from = await openPlace(source, { prefix: sourcePrefix, workspace: sourceWorkspace, mustExist: true });
  await using to = await openPlace(target, { ...flags, prefix: targetPrefix, mustExist: false });
  const differences = await compare(from, to, flags, terminal);
  const done = await transfer({ from, to, name: target }, differences, flags, terminal, (_, metadata) => metadata);
  if (!done || !typesOf(flags).includes('workflows')) return;
  using progress = terminal.progress('Copying versions …');
  for (const collection of ABOUT_WORKFLOWS) {
    for (const { key } of await from.list(collection)) {
      progress.update(`Copying ${key} …`);
      await copyDocument(from, to, key);
    }
  }
}

/** What is known of workflows beside their texts; the rest is made anew where it is missing. */
const ABOUT_WORKFLOWS = ['workflow-versions', 'workflow-trust', 'workflow-stats'];

/** Says what changes, asks where something is deleted, and does it. Returns whether it was done. */
async function transfer(
  { from, to, name }: { from: Storage; to: Storage; name: string },
  differences: readonly Difference[],
  { clear = false, dryRun = false, yes = false }: StoreFlags,
  terminal: Terminal,
  workflowMetadata: (name: string, metadata: Metadata | undefined) => Metadata | undefined,
): Promise<boolean> {
  const words = { '-': 'add', '~': 'replace', '+': 'delete', '=': undefined };
  const changes = differences.filter(({ sign }) => sign !== '=' && (sign !== '+' || clear));
  for (const { sign, item } of changes) terminal.print(`${words[sign]} ${item}`);
  const gone = changes.filter(({ sign }) => sign === '+').length;
  if (dryRun) {
    terminal.say(`Nothing was changed: ${count(changes.length)} to make, without --dry-run.`);
    return false;
  }
  if (gone > 0 && !(await terminal.confirm(`Delete ${gone} of what ${name} has and the source has not?`, yes))) {
    terminal.say('Nothing was changed.');
    return false;
  }
  using progress = terminal.progress('Copying …');
  const onItem = (item: string) => progress.update(`Copying ${item} …`);
  await copyItems(from, to, differences, { clear, workflowMetadata, onItem });
  progress.end();
  terminal.say(changes.length === 0 ? 'There was nothing to change.' : `${count(changes.length)} made.`);
  return true;
}

async function compare(source: Storage, target: Storage, flags: StoreFlags, terminal: Terminal): Promise<Difference[]> {
  using progress = terminal.progress('Comparing …');
  const read = (storage: Storage) =>
    storeItems(storage, typesOf(flags), (name) => progress.update(`Reading ${name} …`));
  return compareStores(await read(source), await read(target));
}

function changedWorkflows(differences: readonly Difference[]): string[] {
  const changed = differences.filter(({ sign, item }) => item.startsWith('workflows/') && '-~'.includes(sign));
  return changed.map(({ item }) => item.slice('workflows/'.length));
}

function typesOf({ type }: StoreFlags): readonly ItemType[] {
  return type === undefined ? ITEM_TYPES : [type];
}

function colored(sign: Difference['sign'], terminal: Terminal): string {
  return terminal.style(({ '+': 'green', '-': 'red', '~': 'yellow', '=': 'dim' } as const)[sign], sign);
}

function count(changes: number): string {
  return `${changes} change${changes === 1 ? '' : 's'}`;
}
