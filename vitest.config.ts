import { existsSync, readdirSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

// Tests run from the TypeScript sources, without a build.
const conditions = ['@code-mode/source'];

const folders = [...readdirSync('packages').map((name) => `packages/${name}`), '.'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    projects: folders
      .filter((folder) => existsSync(`${folder}/test`))
      .map((folder) => ({
        extends: true as const,
        root: folder,
        // Real processes on a loaded machine take their time; only what hangs shall run into this.
        test: {
          testTimeout: 30_000,
          hookTimeout: 60_000,
          name: folder === '.' ? 'test' : folder.slice('packages/'.length),
          include: ['test/**/*.test.ts'],
        },
      })),
  },
});
