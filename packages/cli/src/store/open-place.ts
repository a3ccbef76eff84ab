import { stat } from 'node:fs/promises';
import type { Storage } from '@code-mode/core';
import { FileStorage } from '@code-mode/core/storage/file';
import { RedisStorage } from '@code-mode/core/storage/redis';
import { usageError } from '../failure.ts';

export interface PlaceOptions {
  prefix?: string | undefined;
  workspace?: string | undefined;
  /** Whether a folder has to be there already: an empty store would be taken for a real one. */
  mustExist: boolean;
}

/** A store by its address: a folder, or `redis://…`. */
export async function openPlace(place: string, { prefix, workspace, mustExist }: PlaceOptions): Promise<Storage> {
  const scope = workspace === undefined ? {} : { workspaceId: workspace };
  if (isRedis(place)) return new RedisStorage({ url: place, ...(prefix !== undefined && { prefix }), ...scope });
  if (/^\w+:\/\//u.test(place))
    throw usageError(`${place} is no store that code-mode knows: give a folder, redis://… or rediss://…`);
  if (prefix !== undefined) throw usageError(`--prefix goes with Redis, and ${place} is none.`);
  const isFolder = await stat(place).then(
    (found) => found.isDirectory(),
    () => undefined,
  );
  if (isFolder === false || (mustExist && isFolder === undefined))
    throw usageError(`${place} is no folder: give the path of a store, redis://… or rediss://…`);
  return new FileStorage(place, scope);
}

export function isRedis(place: string): boolean {
  return /^rediss?:\/\//u.test(place);
}
