import { SubprocessExecutor } from '../../src/executors/subprocess/index.ts';
import { executorConformance } from '../../src/testing/executor-conformance.ts';

executorConformance('subprocess, fork', {
  open: (limits) => new SubprocessExecutor({ isolation: 'none', startMethod: 'fork', ...(limits && { limits }) }),
});
