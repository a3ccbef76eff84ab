import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CodeModeError } from '../../errors.ts';
import type { Zygote } from '../zygote/zygote.ts';

/** What a kernel may write: `HOME`, `TMPDIR` and, if it has no other, its working folder. */
export interface PrivateFolder {
  /** The kernel's. */
  id: string;
  path: string;
  /** Who makes it, and sees to its removal: in namespaces of the kernel's own it is there already. */
  madeBy: 'sandbox' | 'kernel' | 'host';
}

/** @throws CodeModeError `kernel_start_failed` */
export async function makePrivateFolder({ ready, folder }: Zygote, id: string): Promise<PrivateFolder> {
  if (ready.privateFolder !== undefined) return { id, path: ready.privateFolder, madeBy: 'sandbox' };
  if (ready.sharedFolder !== undefined) return { id, path: join(ready.sharedFolder, id), madeBy: 'kernel' };
  const path = join(folder, id);
  await mkdir(path, { mode: 0o700 }).catch((cause: Error) => {
    const message = `A kernel could not start: its private folder could not be made (${cause.message}).`;
    throw new CodeModeError('kernel_start_failed', message, { cause });
  });
  return { id, path, madeBy: 'host' };
}
