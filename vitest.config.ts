import { existsSync, readdirSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

// Tests run from the TypeScript sources, without a build.
const conditions = ['@code-mode/source'];

const folders = [...readdirSync('packages').map((name) => `packages/${name}`), '.'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    // A machine that others use too may take many times as long as this one. Time-outs are there for what hangs.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: folders
      .filter((folder) => existsSync(`${folder}/test`))
      .map((folder) => ({
        extends: true as const,
        root: folder,
        test: { name: folder === '.' ? 'test' : folder.slice('packages/'.length), include: ['test/**/*.test.ts'] },
      })),
  },
});
