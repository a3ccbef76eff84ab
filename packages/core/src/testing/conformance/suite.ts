import { afterAll, beforeAll, describe } from 'vitest';
import type { Executor } from '../../executors/executor.ts';
import { Session } from '../../session.ts';
import type { SessionOptions } from '../../session-options.ts';
import { sampleTools } from '../sample-tools.ts';
import { type ConformanceContext, completed, type ExecutorConformanceOptions } from './context.ts';

/** Cases about one executor, which is opened before them and closed after them. */
export function conformanceSuite(
  name: string,
  { open }: ExecutorConformanceOptions,
  cases: (context: ConformanceContext) => void,
): void {
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

    beforeAll(async () => {
      executor = await open();
      session = fresh();
    });

    afterAll(async () => {
      await Promise.all(own.map((made) => made.close()));
      await executor.close();
    });

    cases({
      open,
      executor: () => executor,
      session: () => session,
      run,
      value: async (code) => completed(await run(code)),
      fresh,
    });
  });
}
