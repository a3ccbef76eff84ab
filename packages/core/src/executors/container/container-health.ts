import type { Zygote } from '../zygote/zygote.ts';
import { type EngineContainer, reasonOf, startFailed, statusOf } from './engine.ts';

/** What an engine is asked for to count at once, and not after a second. */
export const ONCE = { stream: false, 'one-shot': true } as const;

/** How one container does. */
export interface ContainerHealth {
  containerId: string;
  /** As the engine calls it: `running`, `paused`, … */
  state: string;
  kernels: number;
  /** Memory and processes in use, as the engine counts them. */
  memoryBytes: number | undefined;
  processes: number | undefined;
}

/** Nothing when it has ended meanwhile. */
export async function lookAt(
  container: EngineContainer,
  { kernelCount }: Zygote,
): Promise<ContainerHealth | undefined> {
  try {
    const [{ State }, usage] = await Promise.all([container.inspect(), container.stats(ONCE)]);
    return {
      containerId: container.id,
      state: State.Status,
      kernels: kernelCount,
      memoryBytes: usage.memory_stats?.usage,
      processes: usage.pids_stats?.current,
    };
  } catch (error) {
    if (statusOf(error) === 404 || statusOf(error) === 409) return undefined;
    throw startFailed(`The container engine could not look at a container: ${reasonOf(error)}.`, error);
  }
}
