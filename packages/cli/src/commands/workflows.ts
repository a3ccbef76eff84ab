import type { WorkflowTrust } from '@code-mode/core';
import { Argument, type Command } from 'commander';
import { type Context, defineCommand, defineGroup } from '../define-command.ts';
import { positiveInteger, sessionFlags } from '../session/session-flags.ts';
import type { WorkflowFlags } from '../workflows/workflow-actions.ts';

const actions = () => import('../workflows/workflow-actions.ts');

export function workflowsCommand(context: Context): Command {
  const commands = [list, search, show, history, run, trust, rollback, remove].map((define) =>
    sessionFlags(define(context)),
  );
  return defineGroup('workflows', 'look at saved workflows, run them, and decide about them', commands, [
    ['code-mode workflows list --base .code-mode', 'the workflows of a folder'],
    ['code-mode workflows run report city=Oslo', 'run one of those that the config file names'],
  ]);
}

function list({ terminal }: Context): Command {
  return defineCommand('list', 'list the workflows', [['code-mode workflows list --json', 'as JSON']])
    .option('--json', 'print JSON')
    .action(async (flags: WorkflowFlags) => (await actions()).listWorkflows(undefined, flags, terminal));
}

function search({ terminal }: Context): Command {
  return defineCommand('search', 'find workflows by what they do', [
    ['code-mode workflows search "weekly report"', 'the ten best'],
  ])
    .argument('<query>', 'what to do, in words')
    .option('--json', 'print JSON')
    .option('--limit <count>', 'the most to show', positiveInteger, 10)
    .action(async (query: string, flags: WorkflowFlags) => (await actions()).listWorkflows(query, flags, terminal));
}

function show({ terminal }: Context): Command {
  return defineCommand('show', 'print a workflow', [
    ['code-mode workflows show report > report.py', 'its source alone'],
  ])
    .argument('<name>', 'the workflow')
    .option('--json', 'print all that is known, as JSON')
    .action(async (name: string, flags: WorkflowFlags) => (await actions()).showWorkflow(name, flags, terminal));
}

function history({ terminal }: Context): Command {
  return defineCommand('history', 'list the versions of a workflow', [
    ['code-mode workflows history report', 'newest first; * is the current one'],
  ])
    .argument('<name>', 'the workflow, also a deleted one')
    .option('--json', 'print JSON')
    .action(async (name: string, flags: WorkflowFlags) => (await actions()).showHistory(name, flags, terminal));
}

function run({ terminal, exitWith }: Context): Command {
  return defineCommand('run', 'run a workflow', [
    ['code-mode workflows run report city=Oslo days=3', 'arguments by name'],
  ])
    .argument('<name>', 'the workflow')
    .argument('[arguments...]', 'name=value, or one JSON object')
    .option('--json', 'print the whole result as JSON')
    .option('--images <folder>', 'where images go that the terminal cannot show', '.')
    .action(async (name: string, words: string[], flags: WorkflowFlags) =>
      exitWith(await (await actions()).runWorkflow(name, words, flags, terminal)),
    );
}

function trust({ terminal }: Context): Command {
  return defineCommand('trust', 'approve the text of a workflow, or block it', [
    ['code-mode workflows trust report', 'shows the text and asks'],
    ['code-mode workflows trust report blocked', 'lets no version of it run'],
  ])
    .argument('<name>', 'the workflow')
    .addArgument(
      new Argument('[trust]', 'what it shall be').choices(['trusted', 'draft', 'blocked']).default('trusted'),
    )
    .action(async (name: string, wanted: WorkflowTrust, flags: WorkflowFlags) =>
      (await actions()).trustWorkflow(name, wanted, flags, terminal),
    );
}

function rollback({ terminal }: Context): Command {
  return defineCommand('rollback', 'make an old version the current one', [
    ['code-mode workflows rollback report 2', 'saves version 2 again, as a new one'],
  ])
    .argument('<name>', 'the workflow, also a deleted one')
    .argument('<version>', 'the version, as history shows it', positiveInteger)
    .action(async (name: string, version: number, flags: WorkflowFlags) =>
      (await actions()).rollBackWorkflow(name, version, flags, terminal),
    );
}

function remove({ terminal }: Context): Command {
  return defineCommand('delete', 'delete a workflow; its versions stay', [
    ['code-mode workflows delete report --yes', 'without asking'],
  ])
    .argument('<name>', 'the workflow')
    .action(async (name: string, flags: WorkflowFlags) => (await actions()).deleteWorkflow(name, flags, terminal));
}
