import { kernelFolder } from '../../kernel-folder.ts';
import type { EngineInfo } from './engine.ts';
import { ownerLabels } from './leftovers.ts';
import { seccompProfile, words } from './seccomp-profile.ts';

/** Where a container has what we send in. */
export const KERNEL = '/code-mode/kernel';
export const SOCKET = '/code-mode/socket';
/** All that may be written. */
export const SCRATCH = '/tmp';

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

/** What the image may say for the Python that is started, and the code never sees. */
const KEPT_VARIABLES = ['PATH', 'LD_LIBRARY_PATH'];

export interface ContainerConfig {
  image: string;
  python: string;
  runtime: string | undefined;
  env: Record<string, string>;
  memoryBytes: number;
  cpus: number;
  processes: number;
  scratchBytes: number;
  /** Why kernels get no namespaces of their own inside; undefined when they do. */
  withoutNests: string | undefined;
  socket: string;
  /** Names of the variables that the image sets. */
  imageVariables: string[];
  engine: EngineInfo;
}

/** What an engine is asked for: a container that may do as little as a zygote can live with. */
export function describeContainer(config: ContainerConfig): object {
  const { image, python, env, socket, imageVariables } = config;
  // A name without a value takes the image's variable away.
  const removed = imageVariables.filter((name) => !KEPT_VARIABLES.includes(name));
  return {
    Image: image,
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
    HostConfig: hostConfig(config),
  };
}

function hostConfig(config: ContainerConfig): object {
  const { engine, withoutNests, runtime, socket, memoryBytes, processes, cpus, scratchBytes } = config;
  const nests = withoutNests === undefined;
  const profile = engine.SecurityOptions?.some((option) => option.includes('seccomp')) && seccompProfile(nests);
  const owner = `uid=${UNPRIVILEGED_ID},gid=${UNPRIVILEGED_ID}`;
  const files = nests ? '' : `,nr_inodes=${SCRATCH_FILES}`;
  return {
    AutoRemove: true,
    NetworkMode: 'none',
    IpcMode: 'private',
    CgroupnsMode: 'private',
    ReadonlyRootfs: true,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges', ...(profile ? [`seccomp=${profile}`] : [])],
    // Linux mounts a /proc for a session only where none of the container's is covered. The sessions see their own.
    MaskedPaths: nests ? [] : HIDDEN,
    ...(nests && { ReadonlyPaths: [] }),
    ...(engine.MemoryLimit !== false && { Memory: memoryBytes, MemorySwap: memoryBytes }),
    ...(engine.CpuCfsQuota !== false && { NanoCpus: Math.round(cpus * 1e9) }),
    ...(engine.PidsLimit !== false && { PidsLimit: processes }),
    ...(runtime !== undefined && { Runtime: runtime }),
    Ulimits: [{ Name: 'core', Soft: 0, Hard: 0 }],
    LogConfig: { Type: 'none', Config: {} },
    Tmpfs: { [SCRATCH]: `rw,exec,nosuid,nodev,mode=0700,size=${scratchBytes},${owner}${files}` },
    Mounts: [
      { Type: 'bind', Source: kernelFolder(), Target: KERNEL, ReadOnly: true },
      { Type: 'bind', Source: socket, Target: SOCKET, ReadOnly: true },
    ],
  };
}
