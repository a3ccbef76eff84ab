import { join } from 'node:path';

/** How the command is started from its sources. */
export const BIN = ['--conditions=@code-mode/source', join(import.meta.dirname, '../src/bin.ts')];
