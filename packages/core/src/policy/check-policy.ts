import { CodeModeError } from '../errors.ts';
import type { Policy, PolicyPart, PolicyRule } from './policy.ts';
import { PRESETS } from './presets.ts';

const OUTCOMES = ['allow', 'ask', 'deny'];
const HINTS = ['readOnly', 'destructive', 'idempotent', 'openWorld'];
const TRUSTS = ['draft', 'trusted', 'blocked'];
const CALL_FIELDS = ['namespace', 'name', 'annotations', 'trust', 'arguments'] as const;
const FIELDS = ['outcome', 'reason', ...CALL_FIELDS, 'install', 'run'];

/** The parts of a policy. @throws CodeModeError `invalid_options` for one that could not mean what it says */
export function checkPolicy(policy: Policy): PolicyPart[] {
  const parts = [policy as PolicyPart | PolicyPart[]].flat();
  for (const [index, part] of parts.entries()) checkPart(part, Array.isArray(policy) ? `policy[${index}]` : 'policy');
  return parts;
}

function checkPart(part: PolicyPart, where: string): void {
  if (typeof part === 'function') return;
  if (typeof part === 'string') {
    oneOf(part, Object.keys(PRESETS), where);
    return;
  }
  if (typeof part !== 'object' || part === null)
    throw refused(`${where} must be a preset, a rule or a function, got ${String(part)}.`);
  for (const field of Object.keys(part)) oneOf(field, FIELDS, `a field of ${where}`);
  oneOf(part.outcome, OUTCOMES, `${where}.outcome`);
  if (part.reason !== undefined) texts([part.reason], `${where}.reason`);
  checkKind(part, where);
  for (const field of ['namespace', 'name', 'trust'] as const) {
    if (part[field] !== undefined) texts([part[field]].flat(), `${where}.${field}`);
  }
  for (const trust of [part.trust ?? []].flat()) oneOf(trust, TRUSTS, `${where}.trust`);
  for (const [hint, value] of Object.entries(part.annotations ?? {})) {
    oneOf(hint, HINTS, `a field of ${where}.annotations`);
    if (typeof value !== 'boolean') throw refused(`${where}.annotations.${hint} must be true or false.`);
  }
}

function checkKind(rule: PolicyRule, where: string): void {
  const { run, install, arguments: predicate } = rule;
  if (run !== undefined && [...CALL_FIELDS, 'install' as const].some((field) => rule[field] !== undefined))
    throw refused(`${where} has 'run', so it is about runs, and cannot ask for anything of a call.`);
  if (run !== undefined && run !== true && typeof run !== 'function')
    throw refused(`${where}.run must be true or a function.`);
  if (install !== undefined && install !== true) texts([install].flat(), `${where}.install`);
  if (predicate !== undefined && typeof predicate !== 'function')
    throw refused(`${where}.arguments must be a function.`);
}

function oneOf(value: unknown, known: readonly string[], where: string): void {
  if (typeof value === 'string' && known.includes(value)) return;
  throw refused(`${where} must be one of ${known.join(', ')}, got ${String(value)}.`);
}

function texts(values: readonly unknown[], where: string): void {
  if (values.length > 0 && values.every((value) => typeof value === 'string' && value !== '')) return;
  throw refused(`${where} must be text.`);
}

function refused(message: string): CodeModeError {
  return new CodeModeError('invalid_options', message);
}
