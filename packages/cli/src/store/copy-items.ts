import type { Metadata, Storage } from '@code-mode/core';
import type { Difference } from './compare-stores.ts';
import { REQUIREMENTS, requirementLines, requirementsText } from './store-items.ts';

export interface CopyOptions {
  /** Deletes what the source has not. */
  clear: boolean;
  /** What the target shall know of a workflow beside its text. */
  workflowMetadata(name: string, metadata: Metadata | undefined): Metadata | undefined;
  onItem(item: string): void;
}

/** Makes the target have what the source has. */
export async function copyItems(
  source: Storage,
  target: Storage,
  differences: readonly Difference[],
  { clear, workflowMetadata, onItem }: CopyOptions,
): Promise<void> {
  for (const { sign, item } of differences) {
    if (item.startsWith('deps/') || sign === '=' || (sign === '+' && !clear)) continue;
    onItem(item);
    const key = item as `${string}/${string}`;
    if (sign === '+') await target.delete(key);
    else await copyDocument(source, target, key, workflowMetadata);
  }
  if (differences.some(({ sign, item }) => item.startsWith('deps/') && (sign !== '+' || clear) && sign !== '='))
    await copyRequirements(source, target, clear);
}

/** One document with what is known of it. What was deleted meanwhile is left out. */
export async function copyDocument(
  source: Storage,
  target: Storage,
  key: `${string}/${string}`,
  workflowMetadata: CopyOptions['workflowMetadata'] = (_, metadata) => metadata,
): Promise<void> {
  await using document = await source.open(key);
  if (document === undefined) return;
  const name = key.slice(key.indexOf('/') + 1);
  const metadata = key.startsWith('workflows/') ? workflowMetadata(name, document.metadata) : document.metadata;
  await target.set(key, document.body, metadata === undefined ? {} : { metadata });
}

/** Line by line: what only the target requires stays, unless everything is to be as in the source. */
async function copyRequirements(source: Storage, target: Storage, clear: boolean): Promise<void> {
  const wanted = requirementLines(await requirementsText(source));
  const before = await target.get(REQUIREMENTS);
  const kept = clear ? new Map() : requirementLines(Buffer.from(before?.value ?? []).toString('utf8'));
  const lines = [...new Map([...kept, ...wanted]).values()];
  const text = lines.map((line) => `${line}\n`).join('');
  // Whoever writes at the same time is told of, not overwritten.
  await target.set(REQUIREMENTS, Buffer.from(text), { ifVersion: before?.version ?? 'absent' });
}
