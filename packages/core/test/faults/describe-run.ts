import type { RunResult } from '../../src/run-result.ts';

/** A result in words. */
export function describeRun(result: RunResult): string {
  const lost = result.stateLost ? ', state lost' : '';
  switch (result.status) {
    case 'completed':
      return `completed ${JSON.stringify(result.result)}${lost}`;
    case 'failed':
      return `failed: ${result.error.name}: ${result.error.message}${lost}`;
    case 'interrupted':
      return `interrupted: ${result.message}${lost}`;
    case 'crashed':
      return `crashed: ${result.detail.message}${lost}`;
  }
}
