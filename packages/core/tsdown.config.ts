import { defineConfig } from 'tsdown';

export default defineConfig({
  // A new entry is one line here; the build writes the matching `exports` into package.json.
  entry: [
    'src/index.ts',
    'src/executors/container/index.ts',
    'src/config/index.ts',
    'src/executors/subprocess/index.ts',
    'src/prompts/visible-text.ts',
    'src/storage/file.ts',
    'src/storage/redis.ts',
    'src/testing/index.ts',
    'src/tool-sources/http/index.ts',
    'src/tool-sources/mcp/index.ts',
    'src/tool-sources/yaml/index.ts',
  ],
  // dist mirrors src, so `../kernel` means the same folder from both.
  unbundle: true,
  platform: 'node',
  target: 'node22.13',
  fixedExtension: false,
  dts: true,
  sourcemap: true,
  exports: { devExports: '@code-mode/source' },
});
