import type { Command } from 'commander';
import { type Context, defineCommand, defineGroup } from '../define-command.ts';
import type { DepsFlags } from '../deps/deps-actions.ts';
import { sessionFlags } from '../session/session-flags.ts';

const actions = () => import('../deps/deps-actions.ts');

export function depsCommand(context: Context): Command {
  const commands = [list, add, remove, sync].map((define) =>
    sessionFlags(define(context).option('--json', 'print JSON')),
  );
  return defineGroup('deps', 'look at the packages that a store requires, and change them', commands, [
    ['code-mode deps list --base .code-mode', 'what a folder requires'],
    ['code-mode deps add "pandas>=2,<3"', 'install a package, and require it from now on'],
  ]);
}

function list({ terminal }: Context): Command {
  return defineCommand('list', 'list what is required', [
    ['code-mode deps list > requirements.txt', 'as pip reads it'],
  ]).action(async (flags: DepsFlags) => (await actions()).listDeps(flags, terminal));
}

function add({ terminal }: Context): Command {
  return defineCommand('add', 'install packages, and require them from now on', [
    ['code-mode deps add pandas "numpy>=2"', 'two of them'],
  ])
    .argument('<packages...>', 'as pip spells them')
    .action(async (packages: string[], flags: DepsFlags) =>
      (await actions()).changeDeps((deps) => deps.add(packages), flags, terminal),
    );
}

function remove({ terminal }: Context): Command {
  return defineCommand('remove', 'require packages no more', [['code-mode deps remove pandas', 'by name']])
    .argument('<packages...>', 'their names')
    .action(async (packages: string[], flags: DepsFlags) => (await actions()).removeDeps(packages, flags, terminal));
}

function sync({ terminal }: Context): Command {
  return defineCommand('sync', 'install what is required and not there', [
    ['code-mode deps sync', 'after somebody else changed the store'],
  ]).action(async (flags: DepsFlags) => (await actions()).changeDeps((deps) => deps.sync(), flags, terminal));
}
