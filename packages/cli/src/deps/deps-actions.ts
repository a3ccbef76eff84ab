import type { DepsChange, Session, SessionEvent } from '@code-mode/core';
import { withSession } from '../session/open-session.ts';
import type { SessionFlags } from '../session/session-flags.ts';
import type { Terminal } from '../terminal/terminal.ts';

export interface DepsFlags extends SessionFlags {
  json?: boolean;
}

/** `code-mode deps list`. */
export async function listDeps(flags: DepsFlags, terminal: Terminal): Promise<void> {
  await withSession(flags, { terminal, needsStore: true }, async ({ deps }) => {
    const requirements = await deps.list();
    if (flags.json) return terminal.printJson(requirements);
    if (requirements.length === 0) return terminal.say('No package is required here.');
    terminal.print(requirements.join('\n'));
  });
}

/** `code-mode deps add`, `remove` and `sync`. */
export async function changeDeps(
  change: (deps: Session['deps']) => Promise<DepsChange>,
  flags: DepsFlags,
  terminal: Terminal,
): Promise<void> {
  using progress = terminal.progress('Installing …');
  const onEvent = (event: SessionEvent) => {
    if (event.type === 'deps-progress') progress.update(event.line);
    if (event.type === 'warning') terminal.say(event.message);
  };
  await withSession(flags, { terminal, needsStore: true, onEvent }, async ({ deps }) => {
    const changed = await change(deps);
    progress.end();
    if (flags.json) return terminal.printJson(changed);
    const { installed, removed, alreadyPresent, requirements, ignored } = changed;
    const lines = [
      ...installed.map((name) => `installed ${name}`),
      ...removed.map((name) => `removed ${name}`),
      ...alreadyPresent.map((name) => `${name} was there`),
      ...ignored.map((line) => `ignored ${line}`),
      `Required now: ${requirements.join(', ') || 'nothing'}.`,
    ];
    terminal.print(lines.join('\n'));
  });
}
