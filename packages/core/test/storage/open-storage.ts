import { FileStorage } from '../../src/storage/file.ts';
import { RedisStorage } from '../../src/storage/redis.ts';
import type { Storage } from '../../src/storage/storage.ts';

type Options = { folder: string } | { url: string; prefix: string };

/** For the processes of the conformance suite. */
export function openStorage(options: Options): Storage {
  return 'folder' in options ? new FileStorage(options.folder) : new RedisStorage(options);
}
