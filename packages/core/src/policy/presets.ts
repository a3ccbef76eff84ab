import type { ToolAnnotations } from '../tool-sources/tool.ts';
import type { PolicyAnswer, PolicyPreset, PolicyRequest } from './policy.ts';

export const PRESETS: Record<PolicyPreset, (request: PolicyRequest) => PolicyAnswer> = {
  'allow-all': () => 'allow',
  'ask-writes': asksWrites,
  'ask-all': (request) => (request.kind === 'call' && request.namespace === 'tools' ? 'ask' : asksWrites(request)),
};

/** A tool that says it both only reads and destroys counts as one that writes. */
export function isReadOnly({ readOnly, destructive }: ToolAnnotations): boolean {
  return readOnly === true && destructive !== true;
}

/** What a tool does not say has MCP's default: it writes, destroys, and reaches the world outside. */
export function withDefaults(annotations: ToolAnnotations): Required<Omit<ToolAnnotations, 'title'>> {
  const readOnly = isReadOnly(annotations);
  const { destructive = !readOnly, idempotent = false, openWorld = true } = annotations;
  return { readOnly, destructive, idempotent, openWorld };
}

function asksWrites(request: PolicyRequest): PolicyAnswer {
  if (request.kind === 'run') return undefined;
  return request.kind === 'call' && isReadOnly(request.annotations) ? 'allow' : 'ask';
}
