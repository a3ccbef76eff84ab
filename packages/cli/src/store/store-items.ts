import { createHash } from 'node:crypto';
import type { Storage } from '@code-mode/core';

/** What a store keeps that is told apart, shown and copied by name. */
export const ITEM_TYPES = ['workflows', 'artifacts', 'deps'] as const;
export type ItemType = (typeof ITEM_TYPES)[number];

/** A workflow, an artifact or a requirement. */
export interface StoreItem {
  type: ItemType;
  name: string;
  /** Equal for equal content. */
  fingerprint: string;
  /** In bytes. */
  size: number;
}

export const REQUIREMENTS = 'deps/requirements.txt';

/** All items of a store, by `type/name`. Contents are read: what a store says of them may be of an older text. */
export async function storeItems(
  storage: Storage,
  types: readonly ItemType[],
  onItem: (name: string) => void,
): Promise<Map<string, StoreItem>> {
  const items: StoreItem[] = [];
  for (const type of types.filter((each) => each !== 'deps')) {
    for (const { key, size } of await storage.list(type)) {
      onItem(key);
      const fingerprint = await hashOf(storage, key);
      if (fingerprint !== undefined) items.push({ type, name: key.slice(type.length + 1), fingerprint, size });
    }
  }
  if (types.includes('deps')) {
    for (const [name, line] of requirementLines(await requirementsText(storage)))
      items.push({ type: 'deps', name, fingerprint: line.replace(/\s+/gu, ''), size: Buffer.byteLength(line) });
  }
  return new Map(items.map((item) => [`${item.type}/${item.name}`, item]));
}

export async function requirementsText(storage: Storage): Promise<string> {
  return Buffer.from((await storage.get(REQUIREMENTS))?.value ?? []).toString('utf8');
}

/** The lines of a requirements file by the package they name; comments are no items. */
export function requirementLines(text: string): Map<string, string> {
  const lines = text.split(/\r?\n/u).map((line) => line.trim());
  return new Map(lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => [packageOf(line), line]));
}

/** As the index spells it; another line, e.g. an option, is known by itself. */
function packageOf(line: string): string {
  const name = /^[A-Za-z0-9][A-Za-z0-9._-]*/u.exec(line)?.[0];
  return name === undefined ? line : name.toLowerCase().replace(/[-_.]+/gu, '-');
}

async function hashOf(storage: Storage, key: `${string}/${string}`): Promise<string | undefined> {
  await using document = await storage.open(key);
  if (document === undefined) return undefined;
  const hash = createHash('sha256');
  for await (const chunk of document.body) hash.update(chunk);
  return hash.digest('hex');
}
