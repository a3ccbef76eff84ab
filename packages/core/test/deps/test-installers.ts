import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Environments } from '../../src/deps/environments.ts';
import { LocalInstaller } from '../../src/deps/local-installer.ts';
import { resolveDepsOptions } from '../../src/deps/options.ts';
import { parseRequirement } from '../../src/deps/requirement.ts';
import { findOnPath, findPython } from '../../src/executors/subprocess/find-python.ts';
import { MemoryStorage } from '../../src/storage/memory.ts';

/** pip, and uv where the machine has none: fetched once, because that takes longer than all the tests. */
const toolFolder = join(tmpdir(), `code-mode-test-installers-${process.getuid?.() ?? 0}`);

/** Puts uv on PATH, installing it with pip, and so makes the pip that the tests share. */
export async function prepareInstallers(): Promise<void> {
  const options = resolveDepsOptions({ installer: 'pip', cacheFolder: toolFolder }, new MemoryStorage());
  const environment = await new Environments(options, new LocalInstaller(await findPython())).ensure({
    requirements: [parseRequirement('uv')],
    signal: AbortSignal.timeout(300_000),
    onLine: () => {},
  });
  if (await findOnPath(['uv'])) return;
  // Alone in its folder: the environment's own has a Python too.
  const folder = join(toolFolder, 'bin');
  mkdirSync(folder, { recursive: true });
  // Other test files do the same at the same time, and an environment that was made anew is elsewhere.
  const draft = join(folder, `uv-${process.pid}`);
  symlinkSync(join(environment.sitePackages, '..', '..', '..', 'bin', 'uv'), draft);
  renameSync(draft, join(folder, 'uv'));
  process.env.PATH = [folder, process.env.PATH].join(delimiter);
}

/** An empty cache folder, removed with `using`; pip need not be prepared in it. */
export function freshCacheFolder(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'code-mode-deps-'));
  for (const name of readdirSync(toolFolder)) {
    if (name.startsWith('pip-')) symlinkSync(join(toolFolder, name), join(path, name));
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
