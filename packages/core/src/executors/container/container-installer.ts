import { existsSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { basename, dirname, isAbsolute } from 'node:path';
import { PassThrough } from 'node:stream';
import { explainFailure, installFailed } from '../../deps/explain-failure.ts';
import { installerVariables, pipArguments } from '../../deps/installers.ts';
import type { InstallRequest, PackageInstaller } from '../../deps/package-installer.ts';
import { readLines } from '../../deps/run-installer.ts';
import { SocketServer } from '../zygote/socket-server.ts';
import { type ContainerConfig, ENVIRONMENTS, type Mount, SCRATCH } from './container-config.ts';
import type { ContainerEvent } from './container-events.ts';
import type { ContainerEngine } from './engine.ts';
import { FOLDER, makeEnvironmentsFolder } from './environments-folder.ts';
import { markFolder } from './leftovers.ts';
import { removeContainer, startContainer } from './start-container.ts';

/** Where the host's certificates are in the container. */
const CERTIFICATES = '/code-mode/certificates';
const MIB = 1024 ** 2;

/** What the installer's containers are made of. */
export interface InstallerPlace {
  engine: ContainerEngine;
  config: Omit<ContainerConfig, 'socket' | 'mounts'>;
}

/**
 * Installs packages with the pip of an image, each time in a container of its own. It has a network, and of this machine
 * nothing but the new environment's folder to write to.
 */
export class ContainerInstaller implements PackageInstaller {
  readonly folder = FOLDER;
  readonly seenAt = ENVIRONMENTS;
  readonly #place: () => Promise<InstallerPlace>;
  readonly #emit: (event: ContainerEvent) => void;

  constructor(place: () => Promise<InstallerPlace>, emit: (event: ContainerEvent) => void) {
    this.#place = place;
    this.#emit = emit;
  }

  async identify(): Promise<object> {
    const { config } = await this.#place();
    return { image: config.imageId, python: config.python };
  }

  async install(request: InstallRequest): Promise<void> {
    const { folder, options } = request;
    if (options.installer === 'uv') {
      const why = "deps.installer is 'uv', and in a container the image's pip installs. Leave deps.installer out.";
      throw installFailed('installer', why);
    }
    await makeEnvironmentsFolder(dirname(folder));
    await chmod(folder, 0o777);
    // Nobody is expected there: it says that this host lives, should the container be found later.
    const server = await SocketServer.listen(
      () => undefined,
      () => {},
    );
    try {
      await markFolder(server.path);
      await this.#install(request, server.path);
    } finally {
      await server.close();
    }
  }

  async #install({ folder, requirements, options, signal, onLine }: InstallRequest, socket: string): Promise<void> {
    const { engine, config } = await this.#place();
    const target = `${ENVIRONMENTS}/${basename(folder)}`;
    const { mounts, variables } = await withCertificates(installerVariables(options));
    const told = {
      role: 'installer',
      folder: target,
      arguments: pipArguments(`${target}/bin/python`, options, requirements),
      variables: { ...variables, HOME: SCRATCH, TMPDIR: SCRATCH, PIP_NO_CACHE_DIR: '1' },
    };
    signal.throwIfAborted();
    const { container, stream } = await startContainer(
      engine,
      { ...config, socket, mounts: [...mounts, { source: folder, target, writable: true }] },
      { told, stdout: true, emit: this.#emit },
    );
    const end = () => void removeContainer(container);
    signal.addEventListener('abort', end, { once: true });
    try {
      if (signal.aborted) end();
      const [said, outcome] = [new PassThrough(), new PassThrough()];
      engine.modem.demuxStream(stream, said, outcome);
      const ended = () => [said, outcome].map((one) => one.end());
      stream.once('end', ended).once('close', ended).on('error', ended);
      const [lines, verdict] = await Promise.all([readLines(said, onLine), readLines(outcome, () => {})]);
      signal.throwIfAborted();
      judge(verdict, lines, config);
    } finally {
      signal.removeEventListener('abort', end);
      await removeContainer(container);
    }
  }
}

/** @throws CodeModeError `install_failed` unless pip did it */
function judge(verdict: string[], lines: string[], { image, python, memoryBytes }: InstallerPlace['config']): void {
  const { status, lacks } = parse(verdict.at(-1) ?? '');
  if (status === 0) return;
  if (lacks !== undefined) {
    throw installFailed('installer', `${python} of the image ${image} has no ${lacks}. Take an image that has it.`);
  }
  if (/No space left on device/.test(lines.join())) {
    const where = 'in memory (container.scratchBytes) or on the disk of deps.cacheFolder';
    throw installFailed('installer', `there is no space left ${where}.`, { installer: 'pip', lines });
  }
  // A signal ended pip, or the whole container.
  if (status === undefined || status < 0) {
    const few = `the container's ${Math.round(memoryBytes / MIB)} MiB of memory may be too few (container.memoryBytes).`;
    const said = verdict.length === 0 ? few : `${verdict.at(-1)}.`;
    throw installFailed('installer', `it was ended before it was done: ${said}`, { installer: 'pip', lines });
  }
  throw explainFailure({ installer: 'pip', lines });
}

function parse(verdict: string): { status?: number | undefined; lacks?: string | undefined } {
  try {
    const { status, lacks } = JSON.parse(verdict) as Record<string, unknown>;
    return {
      status: typeof status === 'number' ? status : undefined,
      lacks: typeof lacks === 'string' ? lacks : undefined,
    };
  } catch {
    return {};
  }
}

/** Paths of certificates mean something on this machine alone, so they are mounted. */
async function withCertificates(
  variables: Record<string, string>,
): Promise<{ mounts: Mount[]; variables: Record<string, string> }> {
  const mounts: Mount[] = [];
  const changed: Record<string, string> = {};
  for (const name of ['SSL_CERT_FILE', 'SSL_CERT_DIR', 'REQUESTS_CA_BUNDLE', 'PIP_CERT']) {
    const source = variables[name];
    if (source === undefined || !isAbsolute(source) || !existsSync(source)) continue;
    changed[name] = `${CERTIFICATES}/${name}`;
    mounts.push({ source, target: changed[name] });
  }
  return { mounts, variables: { ...variables, ...changed } };
}
