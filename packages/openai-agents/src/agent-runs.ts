import { randomUUID } from 'node:crypto';
import type { RunContext } from '@openai/agents';

/** A run of an agent: it stands for a conversation that has no name. */
export interface AgentRun {
  /** Nobody can guess it. */
  readonly id: string;
}

const runs = new WeakMap<RunContext, AgentRun>();
const paused = new Map<string, WeakRef<AgentRun>>();
const ended = new FinalizationRegistry<string>((id) => paused.delete(id));

/** The run that a call belongs to, also when its state was serialized and restored in this process. */
export function agentRunOf(runContext: RunContext, resumeState = ''): AgentRun {
  const [id = ''] = /run_[\da-f-]{36}/u.exec(resumeState) ?? [];
  const run = runs.get(runContext) ?? paused.get(id)?.deref() ?? { id: `run_${randomUUID()}` };
  runs.set(runContext, run);
  return run;
}

/** Keeps a run findable by what its serialized state has in it: its id. */
export function keepPaused(run: AgentRun): void {
  if (paused.has(run.id)) return;
  paused.set(run.id, new WeakRef(run));
  ended.register(run, run.id);
}
