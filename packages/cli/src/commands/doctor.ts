import type { Command } from 'commander';
import { type Context, defineCommand } from '../define-command.ts';
import { type SessionFlags, sessionFlags } from '../session/session-flags.ts';

export function doctorCommand({ terminal, exitWith }: Context): Command {
  const command = defineCommand('doctor', 'find out what works on this machine, and how to mend the rest', [
    ['code-mode doctor', 'Python, isolation, installers, storage, containers'],
    ['code-mode doctor --redis redis://localhost:6379', 'whether that Redis answers'],
    ['code-mode doctor --json', 'the same for a program'],
  ]).option('--json', 'print JSON');
  return sessionFlags(command).action(async (flags: SessionFlags & { json?: boolean }) => {
    const { runDoctor } = await import('../doctor/run-doctor.ts');
    exitWith(await runDoctor(flags, terminal));
  });
}
