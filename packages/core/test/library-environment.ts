// Packages that values of Python come from, installed once into the user's cache folder by our own deps.
import { Environments } from '../src/deps/environments.ts';
import { LocalInstaller } from '../src/deps/local-installer.ts';
import { resolveDepsOptions } from '../src/deps/options.ts';
import { parseRequirement } from '../src/deps/requirement.ts';
import { CodeModeError } from '../src/errors.ts';
import { MemoryStorage } from '../src/storage/memory.ts';

/** With an upper bound each, so that a new generation of one does not break the tests by itself. */
export const libraries = ['numpy<3', 'pandas<4', 'matplotlib<4', 'pillow<13', 'pydantic<3'];

/** Where they are for this Python; `undefined` when the package index cannot be reached. */
export async function libraryEnvironment(python: string): Promise<string | undefined> {
  const options = resolveDepsOptions({}, new MemoryStorage());
  try {
    const { sitePackages } = await new Environments(options, new LocalInstaller(python)).ensure({
      requirements: libraries.map(parseRequirement),
      signal: AbortSignal.timeout(600_000),
      onLine: (line) => console.log(`[libraries] ${line}`),
    });
    return sitePackages;
  } catch (error) {
    if (!CodeModeError.isInstance(error) || error.details.reason !== 'network') throw error;
    console.log(`[libraries] ${error.message}`);
    return undefined;
  }
}
