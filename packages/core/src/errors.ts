const brand = Symbol.for('code-mode.error');

/**
 * What went wrong in the machinery (not in the model's program, which is a `RunResult`).
 *
 * | code | the session afterwards |
 * | - | - |
 * | `invalid_options` | was not created |
 * | `python_not_found`, `kernel_start_failed` | the next run tries again |
 * | `session_closed`, `executor_closed` | is closed |
 * | `kernel_lost` | the next run gets a fresh kernel |
 * | `protocol_error` | the kernel was killed; the next run gets a fresh one |
 * | `run_not_found`, `decision_not_pending` | is unchanged |
 * | `session_key_missing`, `too_many_sessions` | was not created |
 * | `unsupported_feature`, `isolation_unavailable` | was not started |
 * | `tool_not_found`, `invalid_arguments`, `tool_failed` | is unchanged (host-side `session.tools.call`, `run.decide`) |
 * | `approval_required`, `approval_denied`, `invalid_source` | is unchanged |
 * | `artifact_not_found`, `workflow_not_found` | is unchanged |
 * | `invalid_requirement`, `dependency_refused`, `install_failed` | is unchanged; its packages stay as they were |
 * | `invalid_name`, `storage_conflict` | is unchanged; nothing was written |
 * | `storage_corrupt` | is unchanged; the other entries stay readable |
 * | `storage_unavailable` | is unchanged; the same call works again when the store is back |
 */
export type CodeModeErrorCode =
  | 'invalid_options'
  | 'python_not_found'
  | 'kernel_start_failed'
  | 'kernel_lost'
  | 'session_closed'
  | 'executor_closed'
  | 'protocol_error'
  | 'run_not_found'
  | 'decision_not_pending'
  | 'session_key_missing'
  | 'too_many_sessions'
  | 'unsupported_feature'
  | 'isolation_unavailable'
  | 'tool_not_found'
  | 'invalid_arguments'
  | 'tool_failed'
  | 'invalid_source'
  | 'approval_required'
  | 'approval_denied'
  | 'artifact_not_found'
  | 'workflow_not_found'
  | 'invalid_requirement'
  | 'dependency_refused'
  | 'install_failed'
  | 'invalid_name'
  | 'storage_conflict'
  | 'storage_corrupt'
  | 'storage_unavailable';

/** The one error this library throws. Compare `code`, or use `CodeModeError.isInstance`, which works across copies. */
export class CodeModeError extends Error {
  override readonly name = 'CodeModeError';
  readonly code: CodeModeErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: CodeModeErrorCode,
    message: string,
    options: { details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
    Object.defineProperty(this, brand, { value: true });
  }

  static isInstance(value: unknown): value is CodeModeError {
    return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[brand] === true;
  }
}

/** What is told of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
