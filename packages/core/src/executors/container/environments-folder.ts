import { chmod, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ENVIRONMENTS, type Mount } from './container-config.ts';

/** The part of the cache folder that environments for containers are in. */
export const FOLDER = 'containers/built';

/**
 * Makes the folder of environments. A container's user is none of this machine, so it can be read, and one environment be
 * written, by everybody who gets there: nobody but this user, and containers that have it mounted.
 */
export async function makeEnvironmentsFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await chmod(dirname(folder), 0o700);
  await chmod(folder, 0o755);
}

/** How kernels see it. What cannot be made will not be there later either. */
export async function environmentsMount(folder: string | undefined): Promise<Mount[]> {
  if (folder === undefined) return [];
  try {
    await makeEnvironmentsFolder(folder);
    return [{ source: folder, target: ENVIRONMENTS }];
  } catch {
    return [];
  }
}
