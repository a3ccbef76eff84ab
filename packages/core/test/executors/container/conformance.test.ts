import { afterAll, describe, test } from 'vitest';
import { ContainerExecutor } from '../../../src/executors/container/index.ts';
import { executorConformance } from '../../../src/testing/executor-conformance.ts';
import { openTestEngine } from './test-engine.ts';

const engine = await openTestEngine();
afterAll(() => engine?.stop());

if (engine) {
  const { docker, image, nests } = engine;
  executorConformance('container', {
    open: (limits) =>
      new ContainerExecutor({
        docker,
        image,
        isolation: nests ? 'required' : 'auto',
        share: limits?.processes && !nests ? 'session' : 'executor',
        ...(limits && { limits }),
      }),
  });
} else {
  describe.skip('executor conformance: container', () => test('runs where there is an engine', () => {}));
}
