import { describe } from 'vitest';
import { approvalCases } from './conformance/approvals.ts';
import { callCases } from './conformance/calls.ts';
import { concurrencyCases } from './conformance/concurrency.ts';
import type { ExecutorConformanceOptions } from './conformance/context.ts';
import { decisionCases } from './conformance/decisions.ts';
import { featureCases } from './conformance/features.ts';
import { gateCases } from './conformance/gates.ts';
import { lifecycleCases } from './conformance/lifecycle.ts';
import { outputCases } from './conformance/output.ts';
import { runningCases } from './conformance/running.ts';
import { stoppingCases } from './conformance/stopping.ts';
import { conformanceSuite } from './conformance/suite.ts';
import { idiomCases } from './idioms.ts';

export type { ExecutorConformanceOptions };

/**
 * What every executor must do, as vitest cases. Numbers in titles count the behaviours taken over from
 * py-code-mode. A feature that the executor declares must work; one that it does not must be refused with
 * `unsupported_feature`: see `conformance/features.ts` for what that means for each.
 */
export function executorConformance(name: string, options: ExecutorConformanceOptions): void {
  conformanceSuite(name, options, (context) => {
    describe('running code', () => runningCases(context));
    describe('output', () => outputCases(context));
    describe('calls', () => callCases(context));
    describe('concurrency', () => concurrencyCases(context));
    describe('approvals', () => approvalCases(context));
    describe('decisions', () => decisionCases(context));
    describe('gates', () => gateCases(context));
    describe.concurrent('stopping', () => stoppingCases(context));
    describe('sessions', () => lifecycleCases(context));
    describe('features', () => featureCases(context));
    describe('idioms', () => idiomCases(context));
  });
}
