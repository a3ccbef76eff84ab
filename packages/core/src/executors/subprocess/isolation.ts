import type { IsolationLayer, IsolationReport, KernelLimits, LimitReport } from '../executor.ts';

const NOT_BUILT = 'this executor does not set it up';

/**
 * What holds a subprocess kernel in, told as it is: resource limits, a process group and an empty environment.
 * `inForce` is what a kernel said of its own limits.
 */
export function reportIsolation(limits: KernelLimits, inForce: KernelLimits): IsolationReport {
  const layers: Record<string, IsolationLayer> = {
    environment: { state: 'on', detail: 'starts empty; only the variables listed in `env`, HOME and TMPDIR' },
    processGroup: { state: 'on', detail: 'own session; ending a kernel ends everything it started' },
    namespaces: { state: 'off', detail: NOT_BUILT },
    landlock: { state: 'off', detail: NOT_BUILT },
    seccomp: { state: 'off', detail: NOT_BUILT },
    network: { state: 'off', detail: 'the code can use the network' },
    files: { state: 'off', detail: 'the code can read and write what the user of the host process can' },
  };
  return { level: 'none', layers, limits: reportLimits(limits, inForce) };
}

function reportLimits(limits: KernelLimits, inForce: KernelLimits): Record<string, LimitReport> {
  const root = process.getuid?.() === 0;
  const means: Required<Record<keyof KernelLimits, string>> = {
    memoryBytes: 'RLIMIT_DATA, per process; shared memory is not counted',
    cpuSeconds: 'RLIMIT_CPU, per process',
    fileBytes: 'RLIMIT_FSIZE, per file',
    openFiles: 'RLIMIT_NOFILE, per process',
    processes: root ? 'pids control group, per session' : 'RLIMIT_NPROC, counts all processes of this user',
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
