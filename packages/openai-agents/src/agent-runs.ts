import { randomUUID } from 'node:crypto';
import type { RunContext } from '@openai/agents';

/** A run of an agent. It stands for a conversation that has no name. */
export interface AgentRun {
  /** Nobody can guess it. */
  readonly id: string;
}

const byContext = new WeakMap<RunContext, AgentRun>();
const byId = new Map<string, WeakRef<AgentRun>>();
const ended = new FinalizationRegistry<string>((id) => byId.delete(id));

/**
 * The run that a call belongs to. A state that was serialized and restored has another context, but what was asked for in
 * the run has its id.
 */
export function agentRunOf(runContext: RunContext, resumeState = ''): AgentRun {
  const [id = ''] = /run_[\da-f-]{36}/u.exec(resumeState) ?? [];
  const run = byContext.get(runContext) ?? byId.get(id)?.deref() ?? newRun();
  byContext.set(runContext, run);
  return run;
}

function newRun(): AgentRun {
  const run = { id: `run_${randomUUID()}` };
  byId.set(run.id, new WeakRef(run));
  ended.register(run, run.id);
  return run;
}
