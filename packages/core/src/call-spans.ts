import type { SessionEvent } from './events.ts';
import type { JsonValue } from './run-result.ts';

/** A call that Python makes, for a framework's trace. */
export interface CallSpan {
  /** `tools.weather`, as Python spells it. */
  name: string;
  /** Unknown when the call was begun before a pause of the run. */
  arguments?: { [key: string]: JsonValue };
  /** Settles with the call: rejects when it fails, with what went wrong; `cause` is the call's status. */
  ended: Promise<void>;
}

/** Lets a framework's trace show the calls of a run: `onEvent` listens to the run, `open` begins a span for each call. */
export function callSpans(open: (span: CallSpan) => unknown): {
  onEvent(event: SessionEvent): void;
  /** Ends the spans of calls that still wait: a framework that suspends ends its trace. */
  end(): void;
} {
  const running = new Map<number, (error?: Error) => void>();
  const start = (callId: number, about: Omit<CallSpan, 'ended'>) => {
    const ended = new Promise<void>((resolve, reject) => {
      running.set(callId, (error) => (error ? reject(error) : resolve()));
    });
    // The run tells what fails, also when no span listens.
    ended.catch(() => {});
    open({ ...about, ended });
  };
  return {
    onEvent: (event) => {
      if (event.type === 'call-start') start(event.callId, { name: event.name, arguments: event.arguments });
      if (event.type !== 'call-end') return;
      const { callId, name, status, error } = event;
      // A resume goes on with calls whose first span ended with the trace before it.
      if (!running.has(callId)) start(callId, { name });
      running.get(callId)?.(error === undefined ? undefined : new Error(error, { cause: status }));
      running.delete(callId);
    },
    end: () => {
      for (const end of running.values()) end();
    },
  };
}
