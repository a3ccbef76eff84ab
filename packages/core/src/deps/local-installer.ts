import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BuiltFolders } from './built-folders.ts';
import { installInto, makeVirtualEnvironment } from './installers.ts';
import { environmentsFolder } from './options.ts';
import type { InstallRequest, PackageInstaller } from './package-installer.ts';
import { type PythonFacts, probePython } from './probe-python.ts';

/** Installs packages for a Python of this machine, with uv or pip. */
export class LocalInstaller implements PackageInstaller {
  readonly #python: string;

  /** @param python absolute path of the interpreter that will use them */
  constructor(python: string) {
    this.#python = python;
  }

  identify(): Promise<PythonFacts> {
    return probePython(this.#python);
  }

  async install({ folder, requirements, ...request }: InstallRequest): Promise<void> {
    const { options } = request;
    const home = join(options.cacheFolder, 'home');
    await mkdir(home, { recursive: true, mode: 0o700 });
    const folders = new BuiltFolders(environmentsFolder(options));
    const context = { ...request, python: this.#python, facts: await this.identify(), folders, home };
    await makeVirtualEnvironment(context, folder);
    await installInto(context, folder, requirements);
  }
}
