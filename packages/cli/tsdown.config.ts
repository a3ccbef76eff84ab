import { defineConfig } from 'tsdown';
import { bundleCommand } from '../../scripts/bundle-command.ts';

export default defineConfig(bundleCommand({ 'code-mode': 'src/main.ts' }));
