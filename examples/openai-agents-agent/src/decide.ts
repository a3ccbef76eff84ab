import type { RunToolApprovalItem } from '@openai/agents';
import { say } from './say.ts';

/** Stands for a person: yes up to 100, no beyond. */
export function decide(item: RunToolApprovalItem): { approved: boolean; message: string } {
  const { amount } = JSON.parse(item.arguments ?? '{}') as { amount?: number };
  const approved = amount !== undefined && amount <= 100;
  const message = 'Over 100, so only the manager may refund it.';
  say('person', `${item.name} ${item.arguments}: ${approved ? 'yes' : `no. ${message}`}`);
  return { approved, message };
}
