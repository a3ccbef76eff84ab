/** Any JSON value. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

/** What one run of code came to. A failed program is a value here; broken machinery throws `CodeModeError`. */
export type RunResult = RunResultBase &
  (
    | {
        status: 'completed';
        /** The value of the last expression; absent when the code ends in a statement or in `None`. */
        result: JsonValue | undefined;
      }
    | {
        status: 'failed';
        /** The Python exception that ended the run. The session lives on. */
        error: ProgramError;
      }
    | {
        status: 'interrupted';
        reason: 'timeout' | 'aborted' | 'denied';
        /** The sentence that says what happened, for the model. */
        message: string;
        /** Whether the variables are still there. */
        stateKept: boolean;
      }
    | {
        status: 'crashed';
        /** The kernel ended on its own. The next run gets a fresh one. */
        detail: {
          exitCode?: number;
          signal?: string;
          /** The limit of the executor that ended it, e.g. `memoryBytes`, where the system tells. */
          limit?: string;
          stderrTail: string;
          message: string;
        };
      }
  );

export interface RunResultBase {
  runId: string;
  stdout: string;
  stderr: string;
  /** stdout and stderr in the order in which they were written. */
  output: OutputChunk[];
  /** The artifact that has the whole output, when it was long. */
  outputArtifact?: string;
  displays: Display[];
  /** Displays left out because there were too many or too large ones (`limits.maxDisplays`, `limits.displayBytes`). */
  displaysOmitted?: number;
  calls: CallRecord[];
  /** Wall-clock time from the start of the run, in ms, approvals included. */
  durationMs: number;
  /** The kernel is a fresh one: variables of earlier runs are gone. */
  stateLost?: true;
}

export interface OutputChunk {
  stream: 'stdout' | 'stderr';
  text: string;
}

/** Rich output of `display()`, a figure, a DataFrame, an image. */
export interface Display {
  /** MIME type -> text, or base64 for binary types, as in Jupyter. */
  data: Record<string, string>;
  /** This display is the rich form of the run's result. */
  isResult?: true;
}

export interface ProgramError {
  /** Python exception class, e.g. `ZeroDivisionError`. */
  name: string;
  message: string;
  /** The traceback with the model's lines and carets, without this library's frames. */
  traceback: string;
  /** Line of the run's code, 1-based. */
  line?: number;
}

/** One call from Python to the host. */
export interface CallRecord {
  callId: number;
  /** `tools.github.list_issues`, as Python spells it. */
  name: string;
  status: 'completed' | 'failed' | 'denied' | 'cancelled';
  durationMs: number;
  error?: string;
}
