import { defineConfig } from 'tsdown';
import { bundleCommand } from '../../scripts/bundle-command.ts';

export default defineConfig([
  {
    entry: ['src/index.ts', 'src/command.ts', 'src/config-options.ts', 'src/keep-compiled.ts'],
    platform: 'node',
    target: 'node22.13',
    fixedExtension: false,
    dts: true,
    sourcemap: true,
    exports: { devExports: '@code-mode/source' },
  },
  bundleCommand({ 'code-mode-mcp': 'src/bin.ts' }),
]);
