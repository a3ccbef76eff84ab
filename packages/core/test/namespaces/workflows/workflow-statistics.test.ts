import { expect, test } from 'vitest';
import { WorkflowStatistics } from '../../../src/namespaces/workflows/workflow-statistics.ts';
import { MemoryStorage } from '../../../src/storage/memory.ts';

test('of a long error a part is kept, because every list carries it', async () => {
  const statistics = new WorkflowStatistics(new MemoryStorage());
  await statistics.count('report', { durationMs: 1, error: 'x'.repeat(1_000_000) });
  expect((await statistics.get('report')).lastError?.message).toBe(`${'x'.repeat(999)}…`);
});
