import { Environments } from '../../src/deps/environments.ts';
import { LocalInstaller } from '../../src/deps/local-installer.ts';
import { resolveDepsOptions } from '../../src/deps/options.ts';
import { parseRequirement } from '../../src/deps/requirement.ts';
import { findPython } from '../../src/executors/subprocess/find-python.ts';
import { MemoryStorage } from '../../src/storage/memory.ts';

/**
 * Installs in a process of its own: `install-program <cache folder> <requirement> <further installer options as JSON> [stop]`.
 * With `stop` it goes no further than the installer's first line.
 */
export type InstallMessage = { line: string } | { sitePackages: string };

const [cacheFolder = '', requirement = '', extraArgs = '[]', stop] = process.argv.slice(2);
const options = resolveDepsOptions({ cacheFolder, extraArgs: JSON.parse(extraArgs) as string[] }, new MemoryStorage());
const { sitePackages } = await new Environments(options, new LocalInstaller(await findPython())).ensure({
  requirements: [parseRequirement(requirement)],
  signal: AbortSignal.timeout(60_000),
  onLine: (line) => tell({ line }),
});
tell({ sitePackages });
process.disconnect();

function tell(message: InstallMessage): void {
  process.send?.(message, undefined, undefined, () => {
    if (stop !== undefined) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
}
