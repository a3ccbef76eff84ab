import { SubprocessExecutor } from '../../src/executors/subprocess/index.ts';
import { executorConformance } from '../../src/testing/executor-conformance.ts';

executorConformance('subprocess, spawn', {
  open: (limits) => new SubprocessExecutor({ startMethod: 'spawn', ...(limits && { limits }) }),
});
