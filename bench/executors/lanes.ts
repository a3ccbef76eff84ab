import { ContainerExecutor } from '@code-mode/core/executors/container';
import { SubprocessExecutor, type SubprocessExecutorOptions } from '@code-mode/core/executors/subprocess';
import { openTestEngine, type TestEngine } from '../../packages/core/test/executors/container/test-engine.ts';
import { Lane, type Subject } from './lane.ts';

/** Room for a thousand sessions. */
const ROOM = { processes: 8192, memoryBytes: 16 * 1024 ** 3 };

/** What is measured side by side. Containers are left out, and the reason printed, where there is no engine. */
export async function openLanes(python: string): Promise<{ lanes: Lane[]; stop(): Promise<void> }> {
  const engine = await openTestEngine();
  const lanes = [
    new Lane('sandboxed', () => onThisMachine({ python, isolation: 'required' })),
    new Lane('unsandboxed', () => onThisMachine({ python, isolation: 'none' })),
    ...(engine ? [new Lane('container', () => inContainer(engine))] : []),
  ];
  const stop = async () => {
    for (const lane of lanes) await lane.end();
    await engine?.stop();
  };
  return { lanes, stop };
}

function onThisMachine(options: SubprocessExecutorOptions): Subject {
  return { executor: new SubprocessExecutor(options), root: async () => process.pid };
}

/** One for all sessions, as is the default. */
function inContainer({ docker, image }: TestEngine): Subject {
  let containerId = '';
  const executor = new ContainerExecutor({
    docker,
    image,
    container: ROOM,
    onEvent: (event) => {
      if (event.type === 'container-start') containerId = event.containerId;
    },
  });
  return { executor, root: async () => (await docker.getContainer(containerId).inspect()).State.Pid };
}
