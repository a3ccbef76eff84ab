import { afterAll, describe, test, vi } from 'vitest';
import { SubprocessExecutor } from '../../../src/executors/subprocess/index.ts';
import { featureCases } from '../../../src/testing/conformance/features.ts';
import { lifecycleCases } from '../../../src/testing/conformance/lifecycle.ts';
import { stoppingCases } from '../../../src/testing/conformance/stopping.ts';
import { conformanceSuite } from '../../../src/testing/conformance/suite.ts';
import { pythonWithoutNamespaces, SYSTEM_PYTHON, systemBwrap } from './bwrap.ts';

const kernel = vi.hoisted(() => ({ folder: '' }));
vi.mock('../../../src/kernel-folder.ts', () => ({ kernelFolder: () => kernel.folder }));

const bwrap = await systemBwrap();
const copy = pythonWithoutNamespaces();
kernel.folder = copy.kernel;
vi.stubEnv('XDG_CACHE_HOME', copy.folder);
afterAll(() => copy[Symbol.dispose]());

// The cases about processes; the others are about what is the same everywhere.
if (bwrap) {
  const open = (limits?: object) => new SubprocessExecutor({ python: SYSTEM_PYTHON, ...(limits && { limits }) });
  conformanceSuite('subprocess, in bwrap', { open }, (context) => {
    describe.concurrent('stopping', () => stoppingCases(context));
    describe('sessions', () => lifecycleCases(context));
    describe('features', () => featureCases(context));
  });
} else {
  describe.skip('executor conformance: subprocess, in bwrap', () => test('runs where there is bwrap', () => {}));
}
