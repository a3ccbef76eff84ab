import { release } from 'node:os';
import core from '@code-mode/core/package.json' with { type: 'json' };
import manifest from '../../package.json' with { type: 'json' };
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { open } from '../session/open-session.ts';
import type { SessionFlags } from '../session/session-flags.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Check } from './check.ts';
import { checkIsolation } from './check-isolation.ts';
import { checkEngine, checkInstallers } from './check-programs.ts';
import { checkInstaller, checkPython, checkSession } from './check-python.ts';
import { checkStorage } from './check-storage.ts';

/** `code-mode doctor`. */
export async function runDoctor(flags: SessionFlags & { json?: boolean }, terminal: Terminal): Promise<ExitCode> {
  const versions = {
    'code-mode': manifest.version,
    '@code-mode/core': core.version,
    node: process.versions.node,
    system: `${process.platform} ${release()}`,
  };
  using progress = terminal.progress('Looking …');
  const checks = await runChecks(flags);
  progress.end();
  const ok = checks.every(({ state }) => state !== 'failed');
  if (flags.json) terminal.printJson({ ok, versions, checks });
  else {
    terminal.print(
      Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    );
    for (const check of checks) printCheck(check, terminal);
    terminal.print(ok ? 'Sessions work here.' : 'Sessions do not work here yet: follow what is said after "fix".');
  }
  return ok ? EXIT.ok : EXIT.failed;
}

async function runChecks(flags: SessionFlags): Promise<Check[]> {
  await using opened = await open(flags);
  const { executor, storage } = opened.options;
  const { path, ...python } = await checkPython(executor);
  const engine = checkEngine();
  // One after the other: each starts Python, and a slow machine has enough to do with one.
  return [
    python,
    await checkSession(executor),
    await checkIsolation(executor),
    await (executor.installer ? checkInstaller(executor) : checkInstallers(path)),
    await checkStorage(storage),
    await engine,
  ];
}

const MARKS: Record<Check['state'], ['green' | 'yellow' | 'red', string]> = {
  ok: ['green', 'ok  '],
  off: ['yellow', 'off '],
  failed: ['red', 'FAIL'],
};

function printCheck({ name, state, detail, fix, parts = [] }: Check, terminal: Terminal, indent = ''): void {
  const [color, mark] = MARKS[state];
  terminal.print(`${name}: ${detail}`, `${indent}${terminal.style(color, mark)} `);
  if (fix !== undefined) terminal.print(`${indent}     fix: ${fix}`);
  for (const part of parts) printCheck(part, terminal, `${indent}     `);
}
