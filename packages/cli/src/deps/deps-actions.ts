import type { DepsChange, Session, SessionEvent } from '@code-mode/core';
import { Failure } from '../failure.ts';
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

/** `code-mode deps remove`. */
export async function removeDeps(names: string[], flags: DepsFlags, terminal: Terminal): Promise<void> {
  const remove = async (deps: Session['deps']) => {
    const required = new Set((await deps.list()).map(nameIn));
    const unknown = names.filter((name) => !required.has(nameIn(name)));
    if (unknown.length > 0)
      throw new Failure(
        `Not required here: ${unknown.join(', ')}. Required are: ${[...required].join(', ') || 'none'}.`,
      );
    return deps.remove(names);
  };
  await changeDeps(remove, flags, terminal);
}

/** The package's name as the index compares it: PEP 503. */
function nameIn(requirement: string): string {
  const [name = requirement] = /^[\w.-]+/u.exec(requirement.trim()) ?? [];
  return name.toLowerCase().replace(/[-_.]+/gu, '-');
}

/** `code-mode deps add` and `sync`, and what others have in common with them. */
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
