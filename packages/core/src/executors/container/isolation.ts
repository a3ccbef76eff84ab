import type { IsolationLayer, IsolationReport, KernelLimits } from '../executor.ts';
import { LAYERS, PROCESSES_PER_SESSION, reportLimits } from '../subprocess/isolation.ts';
import type { ResolvedContainerOptions } from './container-options.ts';
import type { ContainerFacts, ContainerUsage } from './engine.ts';

const MIB = 1024 ** 2;

export interface ContainerIsolationFacts {
  options: ResolvedContainerOptions;
  /** What a kernel said of its own limits. */
  inForce: KernelLimits;
  /** What a kernel saw of the layers that hold it. */
  seen: Record<string, string>;
  /** Why layers are missing, as the zygote found. */
  missing: Record<string, string>;
  /** Whether kernels have namespaces of their own in the container. */
  nested: boolean;
  container: ContainerFacts;
  usage: ContainerUsage;
}

/** What holds a kernel in: what one saw itself, what the engine says of the container, and what it counts against. */
export function reportIsolation(facts: ContainerIsolationFacts): IsolationReport {
  const { options, inForce, seen, missing, nested } = facts;
  const layers: Record<string, IsolationLayer> = {
    container: on(`${options.image}, runtime ${facts.container.HostConfig.Runtime ?? 'unknown'}`),
    environment: on('nothing of the host; only the variables listed in `env`, HOME and TMPDIR'),
    sessions: reportSessions(facts),
  };
  for (const [name, detail] of Object.entries(LAYERS)) {
    const saw = seen[name];
    layers[name] =
      saw === undefined
        ? unavailable(missing[name] ?? 'a kernel did not find itself held by it')
        : on(`${detail} (${saw})`);
  }
  Object.assign(layers, reportContainer(facts));
  const states = Object.values(layers).map(({ state }) => state);
  return {
    level: states.every((state) => state === 'on') ? 'full' : 'partial',
    layers,
    limits: reportLimits(
      options.limits,
      inForce,
      nested ? PROCESSES_PER_SESSION : 'pids control group of the container',
    ),
  };
}

function reportSessions({ options, nested, missing }: ContainerIsolationFacts): IsolationLayer {
  if (options.share === 'session') return on('each has a container of its own');
  if (nested) return on('each has namespaces of its own in the container');
  return unavailable(missing.sessions ?? 'they share the container');
}

function reportContainer({
  options,
  container,
  usage,
  nested,
}: ContainerIsolationFacts): Record<string, IsolationLayer> {
  const { memoryBytes, cpus } = options.container;
  const processes = pidsLimit(options, nested);
  const { ReadonlyRootfs, NanoCpus } = container.HostConfig;
  const all = options.share === 'executor' ? ', all sessions together' : '';
  return {
    readOnlyRoot: ReadonlyRootfs
      ? on("the image's files cannot be changed")
      : unavailable('the engine left them writable'),
    memory: bounded(usage.memory_stats?.limit, memoryBytes, `${Math.round(memoryBytes / MIB)} MiB${all}`),
    processes: bounded(usage.pids_stats?.limit, processes, `${processes} processes${all}`),
    cpu: bounded(NanoCpus, Math.round(cpus * 1e9), `${cpus} processors${all}`),
  };
}

/** Where a session has no namespaces of its own but a container, this counts its processes, and the zygote. */
export function pidsLimit({ share, limits, container }: ResolvedContainerOptions, nested: boolean): number {
  return share === 'session' && !nested && limits.processes !== undefined
    ? Math.min(limits.processes + 1, container.processes)
    : container.processes;
}

function bounded(limit: number | undefined, wanted: number, text: string): IsolationLayer {
  // An engine rounds to pages.
  if (limit !== undefined && limit > 0 && limit <= wanted) return on(`at most ${text}`);
  return unavailable('the engine did not set this limit: it lacks the control group');
}

function on(detail: string): IsolationLayer {
  return { state: 'on', detail };
}

function unavailable(detail: string): IsolationLayer {
  return { state: 'unavailable', detail };
}
