import { CodeModeError } from '../../errors.ts';
import type { KernelLimits } from '../executor.ts';
import type { ContainerEvent } from './container-events.ts';
import type { ContainerEngine, ContainerLibrary } from './engine.ts';
import type { PullPolicy } from './ensure-image.ts';

const MIB = 1024 ** 2;

export interface ContainerExecutorOptions {
  /** An image with Python 3.10 or newer; nothing of ours needs to be in it. @defaultValue 'python:3.13-slim' */
  image?: string;
  /** The interpreter, as a path in the image or a name on its `PATH`. @defaultValue 'python3' */
  python?: string;
  /** When the image is pulled. @defaultValue 'missing' */
  pull?: PullPolicy;
  /**
   * `executor`: one container, in which every session has namespaces of its own. `session`: a container for each, which
   * takes a few hundred ms to start.
   * @defaultValue 'executor'
   */
  share?: 'executor' | 'session';
  /**
   * The engine's network of the containers that install packages for `deps`; those of sessions have none.
   * @defaultValue the engine's default
   */
  depsNetwork?: string;
  /** A runtime that the engine has, such as `runsc` for gVisor. @defaultValue the engine's default */
  runtime?: string;
  /** `required` refuses to start when a layer is missing; `auto` uses those that work. @defaultValue 'auto' */
  isolation?: 'auto' | 'required';
  /** Packages of the image or the environment that are imported once and shared by every session, e.g. `['pandas']`. */
  preload?: string[];
  /** Environment variables Python sees, beside `HOME` and `TMPDIR`. They are no place for secrets. */
  env?: Record<string, string>;
  /** Limits of each kernel and of every process it starts. @defaultValue none */
  limits?: KernelLimits;
  /** What a container may use as a whole. */
  container?: ContainerLimits;
  /** A connected dockerode. @defaultValue the engine of DOCKER_HOST, else the first of this machine: Docker, then Podman */
  docker?: ContainerEngine;
  /** How dockerode is loaded. @defaultValue `() => import('dockerode')` */
  load?: () => Promise<ContainerLibrary>;
  /** Hears of images that are pulled, and of containers that start. */
  onEvent?: (event: ContainerEvent) => void;
}

/** Limits of one container: of all sessions in it together. */
export interface ContainerLimits {
  /** Memory, and files in memory, in bytes; there is no swap. @defaultValue 2 GiB */
  memoryBytes?: number;
  /** Processors, also in parts. @defaultValue 2 */
  cpus?: number;
  /** Processes and threads. @defaultValue 1024 */
  processes?: number;
  /** What each session's private folder may hold in bytes. @defaultValue 512 MiB */
  scratchBytes?: number;
}

export type ResolvedContainerOptions = Required<
  Pick<
    ContainerExecutorOptions,
    'image' | 'python' | 'pull' | 'share' | 'depsNetwork' | 'isolation' | 'preload' | 'env' | 'limits'
  >
> & { runtime: string | undefined; container: Required<ContainerLimits> };

/** Fills in what is not given. @throws CodeModeError `invalid_options` */
export function resolveOptions(options: ContainerExecutorOptions): ResolvedContainerOptions {
  const { container = {}, limits = {}, runtime } = options;
  const resolved = {
    image: options.image ?? 'python:3.13-slim',
    python: options.python ?? 'python3',
    pull: options.pull ?? 'missing',
    share: options.share ?? 'executor',
    depsNetwork: options.depsNetwork ?? 'default',
    isolation: options.isolation ?? 'auto',
    preload: options.preload ?? [],
    env: options.env ?? {},
    limits,
    runtime,
    container: {
      memoryBytes: container.memoryBytes ?? 2048 * MIB,
      cpus: container.cpus ?? 2,
      processes: container.processes ?? 1024,
      scratchBytes: container.scratchBytes ?? 512 * MIB,
    },
  };
  oneOf('pull', resolved.pull, ['missing', 'always', 'never']);
  oneOf('share', resolved.share, ['executor', 'session']);
  oneOf('isolation', resolved.isolation, ['auto', 'required']);
  for (const name of ['image', 'python', 'depsNetwork'] as const) {
    if (resolved[name] === '' || resolved[name].startsWith('-')) {
      refuse(`${name} must be a name, got ${JSON.stringify(resolved[name])}`);
    }
  }
  for (const [name, value] of Object.entries(limits)) {
    if (value !== undefined && !isCount(value)) wholeNumber(`limits.${name}`, value);
  }
  for (const [name, value] of Object.entries(resolved.container)) {
    if (name === 'cpus' ? !(value > 0 && value < 1e6) : !isCount(value)) wholeNumber(`container.${name}`, value);
  }
  for (const name of resolved.preload) {
    if (!/^[A-Za-z_][\w.]*$/.test(name)) refuse(`preload takes module names, got ${JSON.stringify(name)}`);
  }
  return resolved;
}

function oneOf(name: string, value: string, values: string[]): void {
  if (values.includes(value)) return;
  const [last, ...others] = values.map((one) => `'${one}'`).reverse();
  refuse(`${name} must be ${others.reverse().join(', ')} or ${last}, got ${JSON.stringify(value)}`);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}

function wholeNumber(name: string, value: number): never {
  refuse(`${name} must be a positive ${name.endsWith('cpus') ? '' : 'whole '}number, got ${String(value)}`);
}

function refuse(what: string): never {
  throw new CodeModeError('invalid_options', `ContainerExecutor: ${what}.`);
}
