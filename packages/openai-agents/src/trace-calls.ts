import type { SessionEvent } from '@code-mode/core';
import { createCustomSpan, getCurrentSpan } from '@openai/agents';

/** Gives the SDK's trace a span for each call that Python makes, below the one of `runCode`. Data stay out of it. */
export function traceCalls(): {
  onEvent(event: SessionEvent): void;
  /** Ends the spans of calls that wait for an approval: the trace of an interrupted run ends too. */
  end(): void;
} {
  const parent = getCurrentSpan();
  const open = new Map<number, ReturnType<typeof createCustomSpan>>();
  const start = ({ callId, name }: { callId: number; name: string }) => {
    const span = createCustomSpan({ data: { name } }, parent ?? undefined);
    open.set(callId, span);
    span.start();
    return span;
  };
  return {
    onEvent: (event) => {
      if (!parent) return;
      if (event.type === 'call-start') start(event);
      if (event.type !== 'call-end') return;
      const span = open.get(event.callId) ?? start(event);
      if (event.status !== 'completed') span.setError({ message: `Call ${event.status}` });
      span.end();
      open.delete(event.callId);
    },
    end: () => {
      for (const span of open.values()) span.end();
    },
  };
}
