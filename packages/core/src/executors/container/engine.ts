import { existsSync } from 'node:fs';
import { CodeModeError } from '../../errors.ts';

const ANSWER_TIMEOUT_MS = 20_000;

/** What we need of dockerode. */
export interface ContainerEngine {
  readonly modem: {
    followProgress(
      stream: NodeJS.ReadableStream,
      done: (error: Error | null) => void,
      progress: (event: PullStatus) => void,
    ): void;
    demuxStream(stream: NodeJS.ReadWriteStream, out: NodeJS.WritableStream, errors: NodeJS.WritableStream): void;
  };
  info(): Promise<EngineInfo>;
  pull(image: string, options?: object): Promise<NodeJS.ReadableStream>;
  getImage(name: string): { inspect(): Promise<{ Id: string; Config: { Env?: string[] | null } }> };
  getContainer(id: string): EngineContainer;
  listContainers(options: object): Promise<{ Id: string; Labels: Record<string, string> }[]>;
  createContainer(options: object): Promise<EngineContainer>;
}

export interface EngineContainer {
  readonly id: string;
  attach(options: object): Promise<NodeJS.ReadWriteStream>;
  start(): Promise<unknown>;
  inspect(): Promise<ContainerFacts>;
  stats(options: { stream: false; 'one-shot': true }): Promise<ContainerUsage>;
  remove(options: { force: boolean; v: boolean }): Promise<unknown>;
  wait(options: object): Promise<unknown>;
}

/** What dockerode itself is to us. */
export type ContainerLibrary = { default: new (options?: { socketPath: string }) => ContainerEngine };

export interface PullStatus {
  status?: string;
  id?: string;
  progressDetail?: { current?: number; total?: number };
}

/** What an engine says of itself. Absent is not known. */
export interface EngineInfo {
  ServerVersion?: string | undefined;
  MemoryLimit?: boolean | undefined;
  PidsLimit?: boolean | undefined;
  CpuCfsQuota?: boolean | undefined;
  Runtimes?: Record<string, unknown> | undefined;
  SecurityOptions?: string[] | null | undefined;
  /** What Podman alone has. */
  BuildahVersion?: string | undefined;
}

export interface ContainerFacts {
  State: { Status: string };
  HostConfig: {
    ReadonlyRootfs?: boolean | undefined;
    NetworkMode?: string | undefined;
    NanoCpus?: number | undefined;
    Runtime?: string | undefined;
  };
}

/** Empty for a container that has ended. */
export interface ContainerUsage {
  memory_stats?: { usage?: number | undefined; limit?: number | undefined };
  pids_stats?: { current?: number | undefined; limit?: number | undefined };
}

/** The engine of DOCKER_HOST, else the first one of this machine. @throws CodeModeError `invalid_options`, also without dockerode */
export async function loadEngine(load: () => Promise<ContainerLibrary>): Promise<ContainerEngine> {
  const { default: Docker } = await load().catch((cause: unknown) => {
    const message =
      'ContainerExecutor needs the package dockerode; run `npm install dockerode`, or pass a client of it as `docker`.';
    throw new CodeModeError('invalid_options', message, { cause });
  });
  try {
    const socketPath = engineSocket(process.env, existsSync);
    return socketPath === undefined ? new Docker() : new Docker({ socketPath });
  } catch (cause) {
    throw new CodeModeError('invalid_options', `DOCKER_HOST names no engine: ${reasonOf(cause)}.`, { cause });
  }
}

/**
 * Where an engine of this machine listens: Docker or Podman, the system's or the user's own. Undefined where `DOCKER_HOST`
 * says it, and where there is none.
 */
export function engineSocket(
  { DOCKER_HOST, XDG_RUNTIME_DIR }: NodeJS.ProcessEnv,
  exists: (path: string) => boolean,
): string | undefined {
  if (DOCKER_HOST) return undefined;
  const own = XDG_RUNTIME_DIR ? [`${XDG_RUNTIME_DIR}/docker.sock`, `${XDG_RUNTIME_DIR}/podman/podman.sock`] : [];
  return ['/var/run/docker.sock', ...own, '/run/podman/podman.sock'].find(exists);
}

/** Asks the engine what it is. @throws CodeModeError `kernel_start_failed` when it does not answer */
export async function askEngine(engine: ContainerEngine): Promise<EngineInfo> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_TIMEOUT_MS} ms`)), ANSWER_TIMEOUT_MS);
  });
  try {
    return await Promise.race([engine.info(), late]);
  } catch (error) {
    throw unreachable(error as NodeJS.ErrnoException & { address?: string });
  } finally {
    clearTimeout(timer);
  }
}

/** What an engine answered to a request that failed. */
export function reasonOf(error: unknown): string {
  const { json, message } = error as { json?: { message?: string }; message: string };
  return (json?.message ?? message).trim().replace(/\.$/, '');
}

/** The HTTP status of a request that failed. */
export function statusOf(error: unknown): number | undefined {
  return (error as { statusCode?: number }).statusCode;
}

/** A machinery that did not start, in one sentence. */
export function startFailed(message: string, cause?: unknown): CodeModeError {
  return new CodeModeError('kernel_start_failed', message, { cause });
}

function unreachable(error: NodeJS.ErrnoException & { address?: string }): CodeModeError {
  const where = error.address ? ` at ${error.address}` : '';
  if (error.code === 'EACCES' || error.code === 'EPERM') {
    const remedy = 'Add the user to the group that owns it (docker), or use a rootless engine.';
    return startFailed(`This user may not use the container engine${where}. ${remedy}`, error);
  }
  if (['ENOENT', 'ECONNREFUSED', 'ENOTFOUND'].includes(error.code ?? '')) {
    const remedy = 'Start Docker or Podman, or say where it listens with DOCKER_HOST or `docker`.';
    return startFailed(`No container engine answers${where}. ${remedy}`, error);
  }
  return startFailed(`The container engine${where} failed: ${reasonOf(error)}.`, error);
}
