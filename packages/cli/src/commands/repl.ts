import type { Command } from 'commander';
import { type Context, defineCommand } from '../define-command.ts';
import type { ReplFlags } from '../repl/run-repl.ts';
import { sessionFlags } from '../session/session-flags.ts';

export function replCommand({ terminal, exitWith }: Context): Command {
  const command = defineCommand('repl', 'type Python into a session', [
    ['code-mode repl', 'with what the config file says'],
    ['code-mode repl --tools ./tools', 'to try tools; Tab completes their names'],
  ]).option('--images <folder>', 'where images go that the terminal cannot show', '.');
  return sessionFlags(command).action(async (flags: ReplFlags) => {
    const { runRepl } = await import('../repl/run-repl.ts');
    exitWith(await runRepl(flags, terminal));
  });
}
