import type { Workflow, WorkflowStats, WorkflowVersion } from './workflow.ts';

/** What Python sees of a workflow: in a list what the model needs to choose and call it, with the source everything. */
export function toPython(workflow: Workflow, source?: string): object {
  const { name, signature, description, version, trust, stats, problem } = workflow;
  const entry = {
    name,
    signature,
    description,
    ...(version !== undefined && { version }),
    trust,
    ...statsToPython(stats),
    ...(problem !== undefined && { problem }),
  };
  if (source === undefined) return entry;
  const { inputSchema, outputSchema, tools, workflows, requirements, saved, hash } = workflow;
  return {
    ...entry,
    source,
    parameters: inputSchema,
    ...(outputSchema && { returns: outputSchema }),
    tools,
    workflows,
    requirements,
    ...(saved && { saved: savedToPython(saved) }),
    hash,
  };
}

export function versionToPython({ saved, ...version }: WorkflowVersion): object {
  return { ...version, saved: savedToPython(saved) };
}

function statsToPython({ runs, failures, meanMs, lastRunAt, lastError }: WorkflowStats): object {
  return {
    runs,
    failures,
    ...(meanMs !== undefined && { mean_ms: Math.round(meanMs * 10) / 10 }),
    ...(lastRunAt !== undefined && { last_run_at: lastRunAt }),
    ...(lastError && { last_error: lastError.message }),
  };
}

function savedToPython({ at, sessionId, runId, restored }: WorkflowVersion['saved']): object {
  return {
    at,
    ...(sessionId !== undefined && { session: sessionId }),
    ...(runId !== undefined && { run: runId }),
    ...(restored !== undefined && { restored }),
  };
}
