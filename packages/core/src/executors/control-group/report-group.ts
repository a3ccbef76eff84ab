import type { LimitReport } from '../executor.ts';
import type { ControlGroup, GroupLimits } from './control-group.ts';

/** Adds to what is reported of limits what a control group does for them. */
export function reportGroup(
  reports: Record<string, LimitReport>,
  limits: GroupLimits,
  { enforced, missing }: ControlGroup,
): Record<string, LimitReport> {
  const { memoryBytes, processes } = reports;
  const cpus = limits.cpus;
  return {
    ...reports,
    ...(memoryBytes && limits.memoryBytes !== undefined && { memoryBytes: ofMemory(memoryBytes) }),
    ...(processes &&
      enforced.processes && {
        processes: {
          value: limits.processes,
          enforced: true,
          detail: `pids control group (v${enforced.processes}), per session`,
        },
      }),
    cpus: {
      value: cpus,
      enforced: enforced.cpus !== undefined,
      detail:
        cpus === undefined
          ? 'no limit set'
          : enforced.cpus
            ? `cpu control group (v${enforced.cpus}), per session`
            : none(missing.cpus),
    },
  };

  function ofMemory(report: LimitReport): LimitReport {
    if (!enforced.memoryBytes) return { ...report, detail: `${report.detail}; ${none(missing.memoryBytes)}` };
    const whole = `memory control group (v${enforced.memoryBytes}) for the session with its files, 64 MiB more`;
    return { ...report, enforced: true, detail: report.enforced ? `RLIMIT_DATA, per process; ${whole}` : whole };
  }
}

function none(reason: string | undefined): string {
  return `no control group: ${reason}`;
}
