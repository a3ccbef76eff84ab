import { MemoryStorage } from '../../src/storage/memory.ts';
import { storageConformance } from '../../src/testing/storage-conformance.ts';

storageConformance('MemoryStorage', async () => ({
  open: (options) => new MemoryStorage(options),
  dispose: async () => {},
}));
