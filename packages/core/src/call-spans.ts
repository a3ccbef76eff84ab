import type { SessionEvent } from './events.ts';
import type { JsonValue } from './run-result.ts';

/** A call that Python makes, for a framework's trace. */
export interface CallSpan {
  /** `tools.weather`, as Python spells it. */
  name: string;
  arguments: { [key: string]: JsonValue };
  /** Settles with the call: rejects when it fails. */
  ended: Promise<void>;
}

/** Lets a framework's trace show the calls of a run: `onEvent` listens to the run, `open` begins a span for each call. */
export function callSpans(open: (span: CallSpan) => unknown): {
  onEvent(event: SessionEvent): void;
  /** Ends the spans of calls that still wait: a framework that suspends ends its trace. */
  end(): void;
} {
  const running = new Map<number, (error?: Error) => void>();
  return {
    onEvent: (event) => {
      if (event.type === 'call-start') {
        const { name, callId, arguments: args } = event;
        const ended = new Promise<void>((resolve, reject) => {
          running.set(callId, (error) => (error ? reject(error) : resolve()));
        });
        // The run tells what fails, also when no span listens.
        ended.catch(() => {});
        open({ name, arguments: args, ended });
      } else if (event.type === 'call-end') {
        running.get(event.callId)?.(event.error === undefined ? undefined : new Error(event.error));
        running.delete(event.callId);
      }
    },
    end: () => {
      for (const end of running.values()) end();
    },
  };
}
