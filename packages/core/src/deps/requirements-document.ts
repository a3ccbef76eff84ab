import { CodeModeError } from '../errors.ts';
import type { Storage } from '../storage/storage.ts';
import { RequirementsFile } from './requirements-file.ts';

const KEY = 'deps/requirements.txt';

/** The requirements in storage, as one version of them was. */
export interface StoredRequirements {
  file: RequirementsFile;
  /** Writes another file in its place; false when somebody else has changed it since. */
  replace(file: RequirementsFile): Promise<boolean>;
}

export async function readRequirements(storage: Storage): Promise<StoredRequirements> {
  const document = await storage.get(KEY);
  const file = new RequirementsFile(document === undefined ? '' : new TextDecoder().decode(document.value));
  return { file, replace: (next) => replace(storage, document?.version ?? 'absent', next) };
}

async function replace(storage: Storage, ifVersion: string, next: RequirementsFile): Promise<boolean> {
  try {
    await storage.set(KEY, Buffer.from(next.toString()), { ifVersion });
    return true;
  } catch (error) {
    if (CodeModeError.isInstance(error) && error.code === 'storage_conflict') return false;
    throw error;
  }
}
