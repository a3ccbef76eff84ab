import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rolldown, UserConfig } from 'tsdown';

/** Large, and loaded where they are needed, if at all: they stay packages of their own. */
const ON_DEMAND = ['@opentelemetry/api', 'dockerode', 'ioredis'];
const KERNEL = join(import.meta.dirname, '../packages/core/kernel');

/**
 * How a command is built: with all that it needs, in few files, in `dist/bin`. Hundreds of modules take longer to find
 * than to run, and whoever starts a command waits. The Python side stands beside it, where `kernelFolder` looks.
 */
export function bundleCommand(entry: Record<string, string>): UserConfig {
  return {
    entry,
    outDir: 'dist/bin',
    platform: 'node',
    target: 'node22.13',
    fixedExtension: false,
    dts: false,
    exports: false,
    deps: { alwaysBundle: [/.*/], neverBundle: ON_DEMAND, onlyBundle: false },
    inputOptions: { resolve: { conditionNames: ['@code-mode/source', 'node', 'import', 'default'] } },
    plugins: [licences()],
    copy: [{ from: [`${KERNEL}/__main__.py`, `${KERNEL}/code_mode_kernel`], to: 'dist/kernel' }],
  };
}

/** Writes `LICENCES.txt`: what is bundled asks to be named, with its licence. */
function licences(): Rolldown.Plugin {
  return {
    name: 'licences',
    generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
      const folders = new Set(modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id) ?? []));
      const source = [...folders]
        .map(licenceOf)
        .sort()
        .join(`\n${'-'.repeat(80)}\n\n`);
      this.emitFile({ type: 'asset', fileName: 'LICENCES.txt', source });
    },
  };
}

function licenceOf(folder: string): string {
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest)) throw new Error(`${folder} is bundled and is no package.`);
  const { name, version, license } = JSON.parse(readFileSync(manifest, 'utf8'));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  const text = file === undefined ? '' : `\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
  return `${name} ${version} (${license})\n${text}`;
}
