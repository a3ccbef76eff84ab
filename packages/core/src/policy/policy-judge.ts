import { CodeModeError } from '../errors.ts';
import { checkPolicy } from './check-policy.ts';
import type { Policy, PolicyPart, PolicyRequest, PolicyRuling } from './policy.ts';
import { isReadOnly, PRESETS } from './presets.ts';
import { ruleAnswer } from './rule.ts';

export interface PolicyJudgeOptions {
  policy: Policy | undefined;
  /** Denies every call that is not marked read-only; no rule can allow it. */
  readOnly: boolean;
  /** Told why a policy failed; the code is not. */
  warn(message: string): void;
}

/** A session's policy, ready to be asked. */
export class PolicyJudge {
  /** Whether a run can be asked about or denied. */
  readonly judgesRuns: boolean;
  readonly #parts: PolicyPart[];
  readonly #readOnly: boolean;
  readonly #warn: (message: string) => void;

  /** @throws CodeModeError `invalid_options` */
  constructor({ policy = [], readOnly, warn }: PolicyJudgeOptions) {
    this.#parts = checkPolicy(policy);
    this.#readOnly = readOnly;
    this.#warn = warn;
    this.judgesRuns = this.#parts.some(
      (part) => typeof part === 'function' || (typeof part === 'object' && part.run !== undefined),
    );
  }

  /** Never throws: a policy that fails denies. */
  async judge(request: PolicyRequest): Promise<PolicyRuling> {
    if (this.#readOnly && request.kind !== 'run' && !(request.kind === 'call' && isReadOnly(request.annotations)))
      return { outcome: 'deny', reason: 'this session may only read, and this is not marked read-only.' };
    try {
      for (const part of this.#parts) {
        const ruling = toRuling(await answerOf(part, request));
        if (ruling !== undefined) return ruling;
      }
      return { outcome: 'allow' };
    } catch (error) {
      if (CodeModeError.isInstance(error) && (error.code === 'invalid_source' || error.code === 'kernel_lost'))
        return { outcome: 'deny', reason: `it could not be checked: ${error.message}` };
      const about = request.kind === 'run' ? 'a run' : request.name;
      this.#warn(`The policy failed on ${about}, which was denied: ${error instanceof Error ? error.message : error}`);
      return { outcome: 'deny', reason: 'the policy of this session failed.' };
    }
  }
}

/** The policy of a session, or undefined when it has none. @throws CodeModeError `invalid_options` */
export function policyJudge(options: PolicyJudgeOptions): PolicyJudge | undefined {
  return options.policy === undefined && !options.readOnly ? undefined : new PolicyJudge(options);
}

function answerOf(part: PolicyPart, request: PolicyRequest): unknown {
  if (typeof part === 'string') return PRESETS[part](request);
  return typeof part === 'function' ? part(request) : ruleAnswer(part, request);
}

/** Functions are the user's, and may have no types. */
function toRuling(answer: unknown): PolicyRuling | undefined {
  if (answer === undefined) return undefined;
  const { outcome, reason } = (typeof answer === 'string' ? { outcome: answer } : (answer ?? {})) as PolicyRuling;
  if (outcome !== 'allow' && outcome !== 'ask' && outcome !== 'deny')
    throw new TypeError(`a policy must answer 'allow', 'ask', 'deny' or undefined, and answered ${String(answer)}`);
  return { outcome, ...(reason !== undefined && { reason: String(reason) }) };
}
