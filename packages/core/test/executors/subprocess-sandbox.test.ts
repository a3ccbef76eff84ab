import { SubprocessExecutor } from '../../src/executors/subprocess/index.ts';
import { executorConformance } from '../../src/testing/executor-conformance.ts';

executorConformance('subprocess, sandboxed', {
  open: (limits) => new SubprocessExecutor({ isolation: 'required', startMethod: 'fork', ...(limits && { limits }) }),
});
