import { afterAll, beforeAll, describe } from 'vitest';
import type { Executor } from '../executors/executor.ts';
import { Session } from '../session.ts';
import type { SessionOptions } from '../session-options.ts';
import { approvalCases } from './conformance/approvals.ts';
import { callCases } from './conformance/calls.ts';
import { concurrencyCases } from './conformance/concurrency.ts';
import { type ConformanceContext, completed, type ExecutorConformanceOptions } from './conformance/context.ts';
import { decisionCases } from './conformance/decisions.ts';
import { featureCases } from './conformance/features.ts';
import { gateCases } from './conformance/gates.ts';
import { lifecycleCases } from './conformance/lifecycle.ts';
import { outputCases } from './conformance/output.ts';
import { runningCases } from './conformance/running.ts';
import { stoppingCases } from './conformance/stopping.ts';
import { idiomCases } from './idioms.ts';
import { sampleTools } from './sample-tools.ts';

export type { ExecutorConformanceOptions };

/**
 * What every executor must do, as vitest cases. Numbers in titles count the behaviours taken over from
 * py-code-mode. A feature that the executor declares must work; one that it does not must be refused with
 * `unsupported_feature`: see `conformance/features.ts` for what that means for each.
 */
export function executorConformance(name: string, { open }: ExecutorConformanceOptions): void {
  describe(`executor conformance: ${name}`, { timeout: 60_000 }, () => {
    let executor: Executor;
    let session: Session;
    const own: Session[] = [];
    const fresh = (options: SessionOptions = {}) => {
      const made = new Session({ executor, tools: sampleTools(), ...options });
      own.push(made);
      return made;
    };
    const run: ConformanceContext['run'] = (code, options) => session.run(code, options);
    const context: ConformanceContext = {
      open,
      executor: () => executor,
      session: () => session,
      run,
      value: async (code) => completed(await run(code)),
      fresh,
    };

    beforeAll(async () => {
      executor = await open();
      session = fresh();
    });

    afterAll(async () => {
      await Promise.all(own.map((made) => made.close()));
      await executor.close();
    });

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
