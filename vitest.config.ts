import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// Halves what a start of Node from TypeScript costs. Workers and the programs that tests start get it with their environment.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/node-compile-cache');

// Tests run from the TypeScript sources, without a build.
const conditions = ['@code-mode/source'];

// At the end they would be waited for by workers that have nothing left to do.
const longest = [
  'docs-snippets',
  'subprocess-spawn',
  'escape/host',
  'escape/escape',
  'cli/test/contents',
  'mcp/test/foreign-clients',
  'container/conformance',
  'storage/file.test',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => longest.some((part) => moduleId.includes(part));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

const folders = [...readdirSync('packages').map((name) => `packages/${name}`), '.'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    // A machine that others use too may take many times as long as this one. Time-outs are there for what hangs.
    testTimeout: 180_000,
    hookTimeout: 300_000,
    // Most of a test's time is waiting for another process.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    projects: folders
      .filter((folder) => existsSync(`${folder}/test`))
      .map((folder) => ({
        extends: true as const,
        root: folder,
        test: { name: folder === '.' ? 'test' : folder.slice('packages/'.length), include: ['test/**/*.test.ts'] },
      })),
  },
});
