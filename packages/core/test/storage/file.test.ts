import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileStorage } from '../../src/storage/file.ts';
import { storageConformance } from '../../src/testing/storage-conformance.ts';

storageConformance('FileStorage', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'code-mode-storage-'));
  return {
    open: (options) => new FileStorage(folder, options),
    program: { module: new URL('./open-storage.ts', import.meta.url).href, options: { folder } },
    damage: async (key) => {
      const id = createHash('sha256')
        .update(key.slice(key.indexOf('/') + 1))
        .digest('hex')
        .slice(0, 32);
      const file = `.code-mode/records/workflows/${id}.json`;
      await writeFile(join(folder, file), '{"name": "bro');
      return file;
    },
    // In place, as py-code-mode does it.
    overwrite: async (key, text) => await writeFile(join(folder, `${key}.py`), text),
    dispose: async () => await rm(folder, { recursive: true }),
  };
});
