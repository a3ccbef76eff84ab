import { matchesName } from './name-pattern.ts';
import type { PolicyAnswer, PolicyCall, PolicyInstall, PolicyRequest, PolicyRule, PolicyRuling } from './policy.ts';
import { withDefaults } from './presets.ts';

/** The rule's answer, or undefined where it does not fit. */
export async function ruleAnswer(rule: PolicyRule, request: PolicyRequest): Promise<PolicyAnswer> {
  if (!(await fits(rule, request))) return undefined;
  const { outcome, reason } = rule;
  return { outcome, ...(reason !== undefined && { reason }) } satisfies PolicyRuling;
}

async function fits(rule: PolicyRule, request: PolicyRequest): Promise<boolean> {
  if (request.kind === 'run') {
    if (rule.run === undefined) return false;
    return rule.run === true || isTrue(await rule.run(await request.facts(), request), 'run');
  }
  if (rule.run !== undefined) return false;
  if (rule.install !== undefined) {
    if (request.kind !== 'install') return false;
    if (rule.install !== true && !matchesName(rule.install, request.package)) return false;
  }
  return await fitsCall(rule, request);
}

async function fitsCall(rule: PolicyRule, call: PolicyCall | PolicyInstall): Promise<boolean> {
  const { namespace, name, annotations, trust } = rule;
  if (namespace !== undefined && ![namespace].flat().includes(call.namespace)) return false;
  if (name !== undefined && !matchesName(name, call.name)) return false;
  if (trust !== undefined && (call.trust === undefined || ![trust].flat().includes(call.trust))) return false;
  if (annotations !== undefined) {
    const has = withDefaults(call.annotations);
    if (Object.entries(annotations).some(([hint, value]) => has[hint as keyof typeof has] !== value)) return false;
  }
  return rule.arguments === undefined || isTrue(await rule.arguments(call.arguments, call), 'arguments');
}

/** What is neither yes nor no is a mistake, and a gate does not guess. */
function isTrue(answer: unknown, field: string): boolean {
  if (typeof answer === 'boolean') return answer;
  throw new TypeError(`'${field}' of a policy rule must return a boolean, and returned ${String(answer)}`);
}
