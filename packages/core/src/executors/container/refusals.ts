import { CodeModeError } from '../../errors.ts';
import type { Zygote } from '../zygote/zygote.ts';
import type { EngineInfo } from './engine.ts';

export function refuseRuntime({ Runtimes }: EngineInfo, runtime: string | undefined): void {
  if (runtime === undefined || !Runtimes || runtime in Runtimes) return;
  throw new CodeModeError(
    'isolation_unavailable',
    `The container engine has no runtime ${JSON.stringify(runtime)}; it has ${Object.keys(Runtimes).sort().join(', ')}. Add it to the engine's configuration, or leave \`runtime\` out.`,
  );
}

/** The profile that engines with AppArmor give to containers lets nobody mount. */
export function whyNoNests({ SecurityOptions }: EngineInfo): string | undefined {
  if (!SecurityOptions?.some((option) => option.includes('apparmor'))) return undefined;
  return "the engine's AppArmor profile keeps programs from mounting. A container for each session (share: 'session') holds them apart";
}

export async function refuseMissingLayers(
  zygote: Zygote,
  info: EngineInfo,
  share: 'executor' | 'session',
): Promise<void> {
  const limits = { MemoryLimit: 'memory', PidsLimit: 'processes', CpuCfsQuota: 'cpu' } as const;
  const lacking = Object.entries(limits)
    .filter(([flag]) => info[flag as keyof typeof limits] === false)
    .map(([, name]) => [name, 'the engine lacks the control group'] as const);
  const inside = Object.entries(zygote.ready.missingLayers ?? {});
  const missing = [...inside.filter(([layer]) => layer !== 'sessions' || share === 'executor'), ...lacking];
  if (missing.length === 0) return;
  await zygote.close();
  throw new CodeModeError(
    'isolation_unavailable',
    `ContainerExecutor: isolation is required, and a layer is missing. ${missing.map(([name, why]) => `${name}: ${why}.`).join(' ')}`,
    { details: { missing: Object.fromEntries(missing) } },
  );
}

/** A limit that cannot be held for each session is not left out silently. */
export async function refuseUncounted(zygote: Zygote): Promise<void> {
  if (zygote.ready.privateFolder !== undefined) return;
  await zygote.close();
  throw new CodeModeError(
    'isolation_unavailable',
    `ContainerExecutor: limits.processes needs namespaces for each session: ${zygote.ready.missingLayers?.sessions}.`,
  );
}
