export type { ContainerEvent } from './container-events.ts';
export { ContainerExecutor } from './container-executor.ts';
export type { ContainerHealth } from './container-health.ts';
export type { ContainerExecutorOptions, ContainerLimits } from './container-options.ts';
export type { ContainerEngine, ContainerLibrary } from './engine.ts';
