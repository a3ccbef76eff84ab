import { createHash } from 'node:crypto';
import { delimiter, dirname, join } from 'node:path';
import { CodeModeError } from '../errors.ts';
import { findOnPath } from '../executors/subprocess/find-python.ts';
import type { BuiltFolders } from './built-folders.ts';
import { explainFailure, installFailed } from './explain-failure.ts';
import type { ResolvedDepsOptions } from './options.ts';
import type { PythonFacts } from './probe-python.ts';
import type { Requirement } from './requirement.ts';
import { runInstaller } from './run-installer.ts';

/** What an installation has to know. */
export interface InstallerContext {
  python: string;
  facts: PythonFacts;
  options: ResolvedDepsOptions;
  folders: BuiltFolders;
  /** The installers' home folder, with their caches; nothing of the user's configuration is in it. */
  home: string;
  signal: AbortSignal;
  onLine(line: string): void;
}

/** An environment without packages, not even pip. @throws CodeModeError `install_failed` */
export async function makeVirtualEnvironment(context: InstallerContext, folder: string): Promise<void> {
  await python(context, context.python, ['-m', 'venv', '--without-pip', folder]);
}

/** @throws CodeModeError `install_failed` */
export async function installInto(
  context: InstallerContext,
  folder: string,
  requirements: readonly Requirement[],
): Promise<void> {
  const { options } = context;
  const target = join(folder, 'bin', 'python');
  const uv = options.installer === 'pip' ? undefined : await findOnPath(['uv']);
  if (options.installer === 'uv' && uv === undefined) {
    throw installFailed('installer', "deps.installer is 'uv', and there is no uv on PATH. Install it, or use 'pip'.");
  }
  if (uv === undefined) {
    await install(context, 'pip', await findPip(context), pipArguments(target, options, requirements));
  } else {
    const what = whatToInstall(options, requirements);
    await install(context, 'uv', uv, [...UV, 'pip', 'install', '--python', target, ...what]);
  }
}

/** What a Python is told for its pip to install into another one's environment. */
export function pipArguments(
  target: string,
  options: ResolvedDepsOptions,
  requirements: readonly Requirement[],
): string[] {
  const quietly = ['--progress-bar', 'off', '--retries', '2'];
  return [...PIP, '--python', target, 'install', ...quietly, ...whatToInstall(options, requirements)];
}

/** The host's variables that are listed, and nothing else, so that no setting of the user leads elsewhere. */
export function installerVariables({ environmentVariables, indexUrl }: ResolvedDepsOptions): Record<string, string> {
  const listed = environmentVariables.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(listed),
    LANG: 'C.UTF-8',
    // By environment, because other users see arguments, and an index URL may carry a password.
    ...(indexUrl !== undefined && { UV_DEFAULT_INDEX: indexUrl, PIP_INDEX_URL: indexUrl }),
  };
}

function whatToInstall(options: ResolvedDepsOptions, requirements: readonly Requirement[]): string[] {
  return [
    ...(options.allowSourceBuilds ? [] : ['--only-binary', ':all:']),
    ...options.extraArgs,
    ...requirements.map(({ text }) => text),
  ];
}

const UV = ['--no-config', '--color', 'never', '--no-progress', '--no-python-downloads'];
const PIP = ['-I', '-m', 'pip', '--no-input', '--no-color', '--disable-pip-version-check'];
/** The first pip that installs into another Python's environment. */
const PIP_WITH_PYTHON = [22, 3] as const;

/** A pip of our own, made once for each Python; the user's may be missing, old or changed. */
async function findPip(context: InstallerContext): Promise<string> {
  const { facts, folders, options } = context;
  const key = `pip-${createHash('sha256')
    .update(JSON.stringify([facts, context.python]))
    .digest('hex')
    .slice(0, 16)}`;
  const build = async (folder: string) => {
    context.onLine('preparing pip …');
    await python(context, context.python, ['-m', 'venv', folder]);
    const own = join(folder, 'bin', 'python');
    const [, major, minor] =
      /^pip (\d+)\.(\d+)/.exec((await python(context, own, ['-m', 'pip', '--version'])).join('\n')) ?? [];
    const isOld = Number(major) * 1000 + Number(minor) < PIP_WITH_PYTHON[0] * 1000 + PIP_WITH_PYTHON[1];
    if (isOld) await install(context, 'pip', own, [...PIP, 'install', '--upgrade', '--only-binary', ':all:', 'pip']);
    return {};
  };
  const { folder } = await folders.get(key, { timeoutMs: options.timeoutMs, build });
  return join(folder, 'bin', 'python');
}

async function install(
  context: InstallerContext,
  installer: 'uv' | 'pip',
  file: string,
  args: string[],
): Promise<void> {
  const { signal, onLine } = context;
  const { exitCode, lines } = await runInstaller({ file, args, env: environmentOf(context), signal, onLine });
  if (exitCode !== 0) throw explainFailure({ installer, lines });
}

/** Runs Python itself; its first words are the sentence when it fails. */
async function python(context: InstallerContext, file: string, args: string[]): Promise<string[]> {
  const command = {
    file,
    args: ['-I', ...args],
    env: environmentOf(context),
    signal: context.signal,
    onLine: () => {},
  };
  const { exitCode, lines } = await runInstaller(command);
  if (exitCode === 0) return lines;
  throw new CodeModeError(
    'install_failed',
    `Nothing was installed: ${context.python} -m venv failed: ${lines.join(' ')} Install the package python3-venv of your system, or uv.`,
    { details: { reason: 'installer', output: lines } },
  );
}

function environmentOf({ options, home, python }: InstallerContext): Record<string, string> {
  return {
    ...installerVariables(options),
    PATH: [dirname(python), '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter),
    HOME: home,
    UV_HTTP_RETRIES: '2',
  };
}
