import { kernelFolder } from '../../kernel-folder.ts';
import type { EngineInfo } from './engine.ts';
import { ownerLabels } from './leftovers.ts';
import { words } from './seccomp-profile.ts';

/** Where a container has what we send in. */
export const KERNEL = '/code-mode/kernel';
export const SOCKET = '/code-mode/socket';
export const ENVIRONMENTS = '/code-mode/environments';
/** All that may be written. */
export const SCRATCH = '/tmp';

export const NO_NETWORK = 'none';

/** An id that nobody has, as everywhere in code-mode. */
const UNPRIVILEGED_ID = 65_533;
/** What tells of the machine, or changes it. */
const HIDDEN = [
  '/sys',
  ...words(`
    acpi buddyinfo bus cgroups cmdline config.gz consoles crypto devices diskstats dma driver execdomains fb filesystems
    fs interrupts iomem ioports irq kallsyms kcore key-users keys kmsg kpagecgroup kpagecount kpageflags latency_stats
    loadavg locks mdstat misc modules mtrr pagetypeinfo partitions pressure sched_debug schedstat scsi slabinfo softirqs
    swaps sys sysrq-trigger sysvipc timer_list timer_stats tty vmallocinfo vmstat zoneinfo
  `).map((name) => `/proc/${name}`),
];

/** Empty files take no `scratchBytes`. Sessions with namespaces get a folder of their own, which has the same limit. */
const SCRATCH_FILES = 100_000;

/** How Podman is told what others are told by `MaskedPaths`. */
const UNMASKED = ['unmask=ALL'];

/** What the image may say for the Python that is started, and the code never sees. */
const KEPT_VARIABLES = ['PATH', 'LD_LIBRARY_PATH'];

export interface ContainerConfig {
  image: string;
  /** What the engine calls its content, which an environment fits. */
  imageId: string;
  python: string;
  runtime: string | undefined;
  env: Record<string, string>;
  memoryBytes: number;
  cpus: number;
  processes: number;
  scratchBytes: number;
  /** Why kernels get no namespaces of their own inside; undefined when they do. */
  withoutNests: string | undefined;
  /** The host listens here as long as it needs the container. */
  socket: string;
  /** The engine's network that the container is in. */
  network: string;
  /** What it sees of this machine, beside the kernel. */
  mounts: Mount[];
  /** Names of the variables that the image sets. */
  imageVariables: string[];
  engine: EngineInfo;
}

export interface Mount {
  source: string;
  target: string;
  writable?: boolean;
}

/**
 * What an engine is asked for: a container that may do as little as a zygote can live with.
 * @param profile for seccomp, as the engine takes it
 */
export function describeContainer(config: ContainerConfig, profile: string | undefined): object {
  const { imageId, python, env, socket, imageVariables } = config;
  // A name without a value takes the image's variable away.
  const removed = imageVariables.filter((name) => !KEPT_VARIABLES.includes(name));
  return {
    Image: imageId,
    Hostname: 'sandbox',
    User: `${UNPRIVILEGED_ID}:${UNPRIVILEGED_ID}`,
    WorkingDir: '/',
    Entrypoint: [python, '-I', '-X', 'utf8', KERNEL],
    Cmd: [],
    Env: [...removed, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)],
    Labels: ownerLabels(socket),
    Healthcheck: { Test: ['NONE'] },
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStderr: true,
    HostConfig: hostConfig(config, profile),
  };
}

function hostConfig(config: ContainerConfig, profile: string | undefined): object {
  const { engine, withoutNests, runtime, network, memoryBytes, processes, cpus, scratchBytes } = config;
  const nests = withoutNests === undefined;
  const podman = engine.BuildahVersion !== undefined;
  // Podman gives a folder in memory to root alone.
  const access = podman ? 'mode=1777' : `mode=0700,uid=${UNPRIVILEGED_ID},gid=${UNPRIVILEGED_ID}`;
  // Podman knows no such limit.
  const files = nests || podman ? '' : `,nr_inodes=${SCRATCH_FILES}`;
  return {
    AutoRemove: true,
    NetworkMode: network,
    IpcMode: 'private',
    CgroupnsMode: 'private',
    ReadonlyRootfs: true,
    CapDrop: ['ALL'],
    SecurityOpt: [
      'no-new-privileges',
      ...(profile ? [`seccomp=${profile}`] : []),
      ...(podman && nests ? UNMASKED : []),
    ],
    // Linux mounts a /proc for a session only where none of the container's is covered. The sessions see their own.
    MaskedPaths: nests ? [] : HIDDEN,
    ...(nests && { ReadonlyPaths: [] }),
    ...(engine.MemoryLimit !== false && { Memory: memoryBytes, MemorySwap: memoryBytes }),
    ...(engine.CpuCfsQuota !== false && { NanoCpus: Math.round(cpus * 1e9) }),
    ...(engine.PidsLimit !== false && { PidsLimit: processes }),
    ...(runtime !== undefined && { Runtime: runtime }),
    Ulimits: [{ Name: 'core', Soft: 0, Hard: 0 }],
    LogConfig: { Type: 'none', Config: {} },
    Tmpfs: { [SCRATCH]: `rw,exec,nosuid,nodev,size=${scratchBytes},${access}${files}` },
    Mounts: [{ source: kernelFolder(), target: KERNEL }, ...config.mounts].map(
      ({ source, target, writable = false }) => ({
        Type: 'bind',
        Source: source,
        Target: target,
        ReadOnly: !writable,
      }),
    ),
  };
}
