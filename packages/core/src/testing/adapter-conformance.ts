import { afterEach, describe } from 'vitest';
import { callbackApprovalCases } from './adapter/callback-approvals.ts';
import { frameworkApprovalCases } from './adapter/framework-approvals.ts';
import type { AdapterContext, AdapterHarness, OpenAdapter } from './adapter/harness.ts';
import { runningCases } from './adapter/running.ts';
import { sessionCases } from './adapter/sessions.ts';
import { shapeCases } from './adapter/shapes.ts';

export type {
  AdapterHarness,
  AdapterOptions,
  LoopOptions,
  LoopOutcome,
  NeutralTool,
  OpenAdapter,
} from './adapter/harness.ts';

/**
 * The suite every adapter passes, as vitest cases: what a program does, asks for and returns reaches model, person and
 * application alike, whatever the framework. The harness says how the framework is driven.
 */
export function adapterConformance(name: string, harness: AdapterHarness): void {
  describe(`adapter conformance: ${name}`, { timeout: 60_000 }, () => {
    const opened: OpenAdapter[] = [];
    const open: AdapterContext['open'] = async (options = {}) => {
      const adapter = await harness.open(options);
      opened.push(adapter);
      return adapter;
    };
    const context: AdapterContext = { open, run: async (options) => (await open(options)).loop(options) };

    afterEach(async () => {
      await Promise.all(opened.splice(0).map((adapter) => adapter.close()));
    });

    describe('running code', () => runningCases(context));
    describe('approvals by onApproval', () => callbackApprovalCases(context));
    describe('approvals by the framework', () => frameworkApprovalCases(context));
    describe('sessions', () => sessionCases(context));
    describe('shapes', () => shapeCases(context));
  });
}
