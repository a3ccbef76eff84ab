import type { IsolationLayer, IsolationReport, KernelLimits, LimitReport } from '../executor.ts';
import type { AllowList } from '../network/allow-list.ts';
import type { Zygote } from '../zygote/zygote.ts';
import type { Seatbelt } from './seatbelt.ts';

/** What each layer keeps the code from. */
export const LAYERS = {
  user: 'runs as a user who owns nothing else',
  namespaces: 'sees no process, network, mount or name of the system',
  files: 'sees the files of Python and the system alone, read-only, and a private folder in memory',
  network: 'has no network',
  capabilities: 'has no privilege and cannot gain one',
  noNewPrivileges: 'no program that it starts has more rights than it',
  landlock: 'may write its private folder alone',
  seccomp: 'may not ask the system for what no Python program needs',
  descriptors: "holds nothing open that is the host's",
};

export const PROCESSES_PER_SESSION = 'RLIMIT_NPROC in a user namespace of its own, per session';

export interface IsolationFacts {
  isolation: 'auto' | 'required' | 'none';
  network: 'none' | 'host' | AllowList;
  limits: KernelLimits;
  /** What a kernel said of its own limits. */
  inForce: KernelLimits;
  /** What a kernel saw of the layers that hold it. */
  seen: Record<string, string>;
  zygote: Zygote;
  /** On macOS. */
  seatbelt: Seatbelt | undefined;
}

/** What holds a subprocess kernel in, told as it is: not what was asked for, but what a kernel saw. */
export function reportIsolation(facts: IsolationFacts): IsolationReport {
  const { zygote } = facts;
  const layers: Record<string, IsolationLayer> = {
    environment: { state: 'on', detail: 'starts empty; only the variables listed in `env`, HOME and TMPDIR' },
    processGroup: { state: 'on', detail: 'own session; ending a kernel ends everything it started' },
  };
  for (const name of Object.keys(LAYERS) as (keyof typeof LAYERS)[]) layers[name] = reportLayer(name, facts);
  const on = Object.keys(LAYERS).filter((name) => layers[name]?.state === 'on').length;
  const wrapped = reportWrapper(facts);
  const full = on === Object.keys(LAYERS).length && wrapped.sessions?.state !== 'unavailable';
  const level = on === 0 ? 'none' : full ? 'full' : 'partial';
  const means = zygote.ready.privateFolder !== undefined ? PROCESSES_PER_SESSION : processesOutside(zygote);
  return { level, layers: { ...layers, ...wrapped }, limits: reportLimits(facts.limits, facts.inForce, means) };
}

/** Where no kernel runs, none is held: the same reason for every layer. */
export function nothingHolds(reason: string, limits: KernelLimits): IsolationReport {
  const layers = Object.keys(LAYERS).map((name) => [name, { state: 'unavailable' as const, detail: reason }]);
  return { level: 'none', layers: Object.fromEntries(layers), limits: reportLimits(limits, {}, reason) };
}

/** What was put round the zygote, and whether sessions share it. */
function reportWrapper({ isolation, zygote, seatbelt }: IsolationFacts): Record<string, IsolationLayer> {
  if (seatbelt?.missing === undefined && seatbelt !== undefined) {
    const detail = 'they share what sandbox-exec allows: each can read and change what another has written';
    return { sessions: { state: 'unavailable', detail } };
  }
  if (zygote.ready.sharedFolder === undefined) return {};
  const bwrap: IsolationLayer = { state: 'on', detail: 'bwrap made the namespaces and the root' };
  if (isolation === 'required') return { bwrap, sessions: { state: 'on', detail: 'each has a bwrap of its own' } };
  const why = zygote.ready.missingLayers?.sessions;
  return {
    bwrap,
    sessions: { state: 'unavailable', detail: `they share what bwrap has made once, because kernels cannot: ${why}` },
  };
}

function reportLayer(
  name: keyof typeof LAYERS,
  { isolation, network, seen, zygote, seatbelt }: IsolationFacts,
): IsolationLayer {
  if (isolation === 'none') return { state: 'off', detail: "the executor was made with isolation: 'none'" };
  if (name === 'network' && typeof network === 'object' && seen.network !== undefined)
    return { state: 'on', detail: `reaches ${network} alone, through a proxy of the host (${seen.network})` };
  if (seen[name] !== undefined) return { state: 'on', detail: `${LAYERS[name]} (${seen[name]})` };
  if (name === 'network' && network === 'host')
    return { state: 'off', detail: "the executor was made with network: 'host'" };
  const held = name === 'files' || name === 'network' ? seatbelt?.held[name] : undefined;
  if (held !== undefined) return { state: 'on', detail: held };
  const reason = zygote.ready.missingLayers?.[name] ?? 'a kernel did not find itself held by it';
  const hint = name === 'files' || name === 'network' ? seatbelt?.missing : undefined;
  return { state: 'unavailable', detail: hint === undefined ? reason : `${reason}; ${hint}` };
}

/** Each limit, whether a kernel said that it is in force. `processes` says how they are counted. */
export function reportLimits(
  limits: KernelLimits,
  inForce: KernelLimits,
  processes: string,
): Record<string, LimitReport> {
  const means: Required<Record<keyof KernelLimits, string>> = {
    memoryBytes: 'RLIMIT_DATA, per process; shared memory and files in the private folder are not counted',
    cpuSeconds: 'RLIMIT_CPU, per process',
    fileBytes: 'RLIMIT_FSIZE, per file',
    openFiles: 'RLIMIT_NOFILE, per process',
    processes,
  };
  const report = (name: keyof KernelLimits): [string, LimitReport] => {
    const value = limits[name];
    const enforced = value !== undefined && inForce[name] === value;
    const detail =
      value === undefined ? 'no limit set' : enforced ? means[name] : 'this system does not enforce it here';
    return [name, { value, enforced, detail }];
  };
  return Object.fromEntries((Object.keys(means) as (keyof KernelLimits)[]).map(report));
}

function processesOutside(zygote: Zygote): string {
  if (zygote.ready.sharedFolder !== undefined)
    return 'RLIMIT_NPROC, counts the processes of all sessions that share a bwrap, and two of ours';
  return process.getuid?.() === 0
    ? 'pids control group, per session'
    : 'RLIMIT_NPROC, counts all processes of this user';
}
