import type { Command } from 'commander';
import { type Context, defineCommand, defineGroup } from '../define-command.ts';
import { positiveInteger, type SessionFlags, sessionFlags } from '../session/session-flags.ts';
import type { ListFlags } from '../tools/tool-actions.ts';

const actions = () => import('../tools/tool-actions.ts');

export function toolsCommand(context: Context): Command {
  const commands = [list, search, describe, call, check].map((define) => sessionFlags(define(context)));
  return defineGroup('tools', 'look at the tools that Python can call, and call them', commands, [
    ['code-mode tools list --tools ./tools', 'the tools of a folder'],
    ['code-mode tools check --tools ./tools', 'what is wrong with its files'],
  ]);
}

function list({ terminal }: Context): Command {
  return defineCommand('list', 'list the tools', [['code-mode tools list --tools ./tools --json', 'as JSON']])
    .option('--json', 'print JSON')
    .action(async (flags: ListFlags) => (await actions()).listTools(undefined, flags, terminal));
}

function search({ terminal }: Context): Command {
  return defineCommand('search', 'find tools by what they do', [
    ['code-mode tools search "open an issue"', 'the ten best'],
  ])
    .argument('<query>', 'what to do, in words')
    .option('--json', 'print JSON')
    .option('--limit <count>', 'the most to show', positiveInteger, 10)
    .action(async (query: string, flags: ListFlags) => (await actions()).listTools(query, flags, terminal));
}

function describe({ terminal }: Context): Command {
  return defineCommand('describe', 'print a tool as Python sees it', [
    ['code-mode tools describe github.issues', 'all tools of a group'],
  ])
    .argument('<name>', 'a tool or a group of them')
    .action(async (name: string, flags: SessionFlags) => (await actions()).describeTool(name, flags, terminal));
}

function call({ terminal, exitWith }: Context): Command {
  return defineCommand('call', 'call a tool as Python would, with policy and approvals', [
    ['code-mode tools call weather city=Oslo days=3', 'arguments by name'],
    [`code-mode tools call weather '{"city": "Oslo"}'`, 'all of them as JSON'],
  ])
    .argument('<name>', 'the tool')
    .argument('[arguments...]', 'name=value, or one JSON object')
    .option('--json', 'print the whole result as JSON')
    .action(async (name: string, words: string[], flags: ListFlags) =>
      exitWith(await (await actions()).callTool(name, words, flags, terminal)),
    );
}

function check({ terminal, exitWith }: Context): Command {
  return defineCommand('check', 'read tool files, start their servers, and print what is wrong', [
    ['code-mode tools check --tools ./tools', 'ends with 1 when something is wrong'],
  ])
    .option('--json', 'print JSON')
    .action(async (flags: ListFlags) => exitWith(await (await actions()).checkTools(flags, terminal)));
}
