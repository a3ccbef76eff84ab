import { defineConfig } from 'tsdown';

export default defineConfig({
  entry: ['src/index.ts', 'src/bin.ts', 'src/config-options.ts'],
  platform: 'node',
  target: 'node22.13',
  fixedExtension: false,
  dts: true,
  sourcemap: true,
  exports: { devExports: '@code-mode/source', bin: { 'code-mode-mcp': './src/bin.ts' } },
});
