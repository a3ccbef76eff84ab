import { CodeModeError } from '../errors.ts';
import { normaliseName } from './requirement.ts';

/** Why nothing was installed. */
export type InstallFailureReason =
  | 'not-found'
  | 'no-version'
  | 'no-wheel'
  | 'conflict'
  | 'network'
  | 'timeout'
  | 'cancelled'
  | 'installer';

export interface InstallerFailure {
  installer: 'uv' | 'pip';
  /** What it said last. */
  lines: string[];
}

const SHOWN_LINES = 10;

/** One sentence for what uv and pip say in many; what they said is in `details.output`. */
export function explainFailure({ installer, lines }: InstallerFailure): CodeModeError {
  const { reason, sentence } = diagnose(lines);
  if (sentence !== undefined) return installFailed(reason, sentence, { installer, lines });
  const last = lines.slice(-SHOWN_LINES).join('\n');
  return installFailed(reason, `${installer} failed${last === '' ? ' without a word.' : `:\n${last}`}`, {
    installer,
    lines,
  });
}

export function installFailed(
  reason: InstallFailureReason,
  sentence: string,
  failure?: InstallerFailure,
  cause?: unknown,
): CodeModeError {
  const details = {
    reason,
    ...(failure && { installer: failure.installer, output: failure.lines.slice(-SHOWN_LINES) }),
  };
  return new CodeModeError('install_failed', `Nothing was installed: ${sentence}`, { details, cause });
}

interface Diagnosis {
  reason: InstallFailureReason;
  sentence?: string;
}

function diagnose(lines: string[]): Diagnosis {
  // Both wrap and decorate; uv's version 0.1 draws boxes, later ones indent.
  const text = lines
    .join(' ')
    .replace(/[│╰├─▶×]/g, ' ')
    .replace(/\s+/g, ' ');
  return (
    unreachable(text) ??
    notFound(text) ??
    noVersion(text) ??
    noWheel(text) ??
    conflict(text, lines) ?? { reason: 'installer' }
  );
}

function unreachable(text: string): Diagnosis | undefined {
  const uv = /Request failed after|Failed to fetch|error sending request/.test(text);
  // When it cannot reach the index, pip says that there are no versions.
  const pip = /after connection broken by|Could not fetch URL/.test(text) && text.includes('from versions: none');
  if (!uv && !pip) return undefined;
  const [, detail] = NETWORK_DETAILS.find(([pattern]) => pattern.test(text)) ?? [];
  const [, status] = /HTTP status \w+ error \((\d+)/.exec(text) ?? [];
  const why = detail ?? (status === undefined ? '' : ` (HTTP ${status})`);
  return {
    reason: 'network',
    sentence: `the package index could not be reached${why}. Check the network, the proxy variables and deps.indexUrl.`,
  };
}

const NETWORK_DETAILS: [RegExp, string][] = [
  [/Connection refused/i, ' (connection refused)'],
  [/name resolution|dns error|Name or service not known|nodename nor servname/i, ' (its name is not known)'],
  [/certificate/i, ' (its certificate is not trusted)'],
  [/timed out|operation timeout/i, ' (it did not answer in time)'],
];

function notFound(text: string): Diagnosis | undefined {
  const [, uv] = /Because (\S+) was not found in the package registry/.exec(text) ?? [];
  const [, pip] = /satisfies the requirement (\S+).*? \(from versions: none\)/.exec(text) ?? [];
  const name = uv ?? pip;
  if (name === undefined) return undefined;
  return {
    reason: 'not-found',
    sentence: `the index has no package ${JSON.stringify(nameIn(name))} that can be installed here. Check the name: a package may be called otherwise than its module.`,
  };
}

function noVersion(text: string): Diagnosis | undefined {
  const [, uv] =
    /Because (?:only \S.*? (?:is|are) available|there (?:is|are) no versions? of \S+) and you require (\S+?),? we can/.exec(
      text,
    ) ?? [];
  const [, pip] = /satisfies the requirement (\S+).*? \(from versions: /.exec(text) ?? [];
  const wanted = uv ?? pip;
  if (wanted === undefined) return undefined;
  return { reason: 'no-version', sentence: `no version of ${nameIn(wanted)} fits ${wanted}.` };
}

function noWheel(text: string): Diagnosis | undefined {
  const [, name] = /(\S+) has no (?:usable )?wheels/.exec(text) ?? [];
  if (name === undefined) return undefined;
  return {
    reason: 'no-wheel',
    sentence: `${name} has no wheel for this Python, and building from source is off (deps.allowSourceBuilds).`,
  };
}

function conflict(text: string, lines: string[]): Diagnosis | undefined {
  const [, uv] = /(Because .*?),? we can conclude that your requirements are unsatisfiable/.exec(text) ?? [];
  const pip = lines.slice(lines.findIndex((line) => line.startsWith('The conflict is caused by:')) + 1);
  const causes = pip
    .slice(
      0,
      pip.findIndex((line) => line.startsWith('To fix this')),
    )
    .map((line) => line.trim());
  if (uv === undefined && (pip.length === lines.length || causes.length === 0)) return undefined;
  return { reason: 'conflict', sentence: `the requirements contradict each other. ${uv ?? causes.join('; ')}.` };
}

function nameIn(requirement: string): string {
  return normaliseName(/^[A-Za-z0-9._-]+/.exec(requirement)?.[0] ?? requirement);
}
