import { CodeModeError } from './errors.ts';

/** Limits of a session's runs. What the kernel process may use is the executor's business. */
export interface SessionLimits {
  /**
   * Time Python may compute in one run, in ms. Waiting for calls counts only as far as Python uses the CPU meanwhile;
   * waiting for an approval does not count.
   * @defaultValue 60_000
   */
  timeoutMs: number;
  /** Time one call may take, in ms, approval not counted. @defaultValue 120_000 */
  callTimeoutMs: number;
  /** Calls that one run may make. @defaultValue 10_000 */
  maxCalls: number;
  /** Calls of one run that are served at once; more wait for their turn. @defaultValue 256 */
  maxConcurrentCalls: number;
  /** About how many bytes of arguments the calls of one run may send in all. @defaultValue 1_073_741_824 */
  callArgumentBytes: number;
  /** About how many bytes of results the calls of one run may get in all. @defaultValue 1_073_741_824 */
  callResultBytes: number;
  /** Time to decide on an approval request, in ms; then it counts as denied. @defaultValue no limit */
  approvalTimeoutMs: number;
  /** How long an interrupted run may take to end before its kernel is killed, in ms. @defaultValue 1_000 */
  interruptGraceMs: number;
  /** Output kept per run, in bytes: the first three quarters and the last quarter. @defaultValue 1_048_576 */
  outputBytes: number;
  /** Size of a run's encoded result, in bytes; a larger one is described instead. @defaultValue 67_108_864 */
  resultBytes: number;
  /** A run's output over this many bytes goes into an artifact too, where the model can read it in parts. @defaultValue 20_000 */
  spillOverBytes: number;
  /** Output kept in that artifact, in bytes: the first three quarters and the last quarter. @defaultValue 16_777_216 */
  spillBytes: number;
  /** Displays kept per run; those that come later are left out, and the result says how many. @defaultValue 100 */
  maxDisplays: number;
  /** Size of the displays kept per run, in bytes of text or base64. @defaultValue 67_108_864 */
  displayBytes: number;
  /**
   * Bytes of artifacts that the code of one session may save.
   * @defaultValue 4_294_967_296; 268_435_456 in a storage that keeps nothing, because it is this process's memory
   */
  artifactBytes: number;
  /** Artifacts that the code of one session may save. @defaultValue 10_000 */
  artifactSaves: number;
  /** Workflows that the code of one session may save, of a megabyte at most each. @defaultValue 1_000 */
  workflowSaves: number;
}

const DEFAULT_LIMITS: SessionLimits = {
  timeoutMs: 60_000,
  callTimeoutMs: 120_000,
  maxCalls: 10_000,
  maxConcurrentCalls: 256,
  callArgumentBytes: 1_073_741_824,
  callResultBytes: 1_073_741_824,
  approvalTimeoutMs: Number.POSITIVE_INFINITY,
  interruptGraceMs: 1_000,
  outputBytes: 1_048_576,
  resultBytes: 67_108_864,
  spillOverBytes: 20_000,
  spillBytes: 16_777_216,
  maxDisplays: 100,
  displayBytes: 67_108_864,
  artifactBytes: 4_294_967_296,
  artifactSaves: 10_000,
  workflowSaves: 1_000,
};
const IN_MEMORY = { artifactBytes: 268_435_456 };

/** setTimeout cannot wait longer. */
const MAX_MS = 2 ** 31 - 1;

/** @param inMemory whether what is saved stays in this process @throws CodeModeError `invalid_options` */
export function resolveLimits(limits: Partial<SessionLimits> = {}, inMemory = false): SessionLimits {
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, name)) {
      const known = Object.keys(DEFAULT_LIMITS).join(', ');
      throw new CodeModeError('invalid_options', `limits.${name} is not a limit. The limits are ${known}.`);
    }
    if (value !== undefined)
      checkPositive(`limits.${name}`, value, name.endsWith('Ms') ? MAX_MS : Number.MAX_SAFE_INTEGER);
  }
  const given = Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
  return { ...DEFAULT_LIMITS, ...(inMemory && IN_MEMORY), ...given };
}

/** @throws CodeModeError `invalid_options` */
export function checkTimeout(timeoutMs: number | undefined): void {
  if (timeoutMs !== undefined) checkPositive('timeoutMs', timeoutMs, MAX_MS);
}

/** @throws CodeModeError `invalid_options` */
export function checkPositive(name: string, value: number, max = MAX_MS): void {
  if (!(typeof value === 'number' && value > 0 && value <= max)) {
    throw new CodeModeError('invalid_options', `${name} must be a number from 1 to ${max}, got ${String(value)}.`);
  }
}
