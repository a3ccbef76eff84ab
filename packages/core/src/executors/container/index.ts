export type { ContainerEvent } from './container-events.ts';
export { ContainerExecutor, type ContainerHealth } from './container-executor.ts';
export type { ContainerExecutorOptions, ContainerLimits } from './container-options.ts';
export type { ContainerEngine, ContainerLibrary } from './engine.ts';
