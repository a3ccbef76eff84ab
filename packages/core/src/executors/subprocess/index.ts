export { SubprocessExecutor, type SubprocessExecutorOptions } from './subprocess-executor.ts';
