import type { ResolvedDepsOptions } from './options.ts';
import type { Requirement } from './requirement.ts';

/** Fills environments with packages that the kernels of an executor can import. */
export interface PackageInstaller {
  /** The part of the cache folder that its environments are in. @defaultValue 'built' */
  readonly folder?: string;
  /** Where kernels see that folder, when not where it is. */
  readonly seenAt?: string;
  /**
   * What decides which packages fit, as part of every environment's key.
   * @throws CodeModeError `python_not_found`, `kernel_start_failed`
   */
  identify(): Promise<object>;
  /**
   * Makes a virtual environment with the packages.
   * @throws CodeModeError `install_failed`; the reason of the signal
   */
  install(request: InstallRequest): Promise<void>;
}

export interface InstallRequest {
  /** Absolute, on this machine; empty. */
  folder: string;
  requirements: readonly Requirement[];
  options: ResolvedDepsOptions;
  signal: AbortSignal;
  /** What the installer says, line by line. */
  onLine(line: string): void;
}
