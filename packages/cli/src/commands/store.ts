import { type Command, Option } from 'commander';
import { type Context, defineCommand, defineGroup } from '../define-command.ts';
import type { StoreFlags } from '../store/store-actions.ts';

const actions = () => import('../store/store-actions.ts');
const TYPES = ['workflows', 'artifacts', 'deps'];

/** A store is a folder or `redis://…`; it is named by flags of its own, and no config file is read. */
export function storeCommand(context: Context): Command {
  const commands = [bootstrap, list, pull, diff, copy].map((define) => define(context));
  return defineGroup('store', 'carry workflows, artifacts and requirements between folders and Redis', commands, [
    ['code-mode store bootstrap --source ./library --target redis://localhost:6379', 'files into a store'],
    ['code-mode store diff --source ./library --target redis://localhost:6379', 'what agents have changed there'],
  ]);
}

function bootstrap({ terminal }: Context): Command {
  return writing(
    aboutTarget(
      defineCommand('bootstrap', 'put the files of a folder into a store', [
        ['code-mode store bootstrap --source ./library --target redis://localhost:6379 --dry-run', 'what it would do'],
      ]).requiredOption('--source <folder>', 'a folder with workflows/, artifacts/ and deps/requirements.txt'),
    ),
  ).action(async (flags: StoreFlags) => (await actions()).bootstrapStore(flags, terminal));
}

function list({ terminal }: Context): Command {
  return aboutTarget(
    defineCommand('list', 'list what a store keeps', [
      ['code-mode store list --target redis://localhost:6379 --type workflows', 'the workflows alone'],
    ]),
  )
    .option('--json', 'print JSON')
    .action(async (flags: StoreFlags) => (await actions()).listStore(flags, terminal));
}

function pull({ terminal }: Context): Command {
  return writing(
    aboutTarget(
      defineCommand('pull', 'write what a store keeps to files', [
        ['code-mode store pull --target redis://localhost:6379 --dest ./library', 'to look at it, or to commit it'],
      ]),
    ).requiredOption('--dest <folder>', 'where the files go'),
  ).action(async (flags: StoreFlags) => (await actions()).pullStore(flags, terminal));
}

function diff({ terminal }: Context): Command {
  return aboutTarget(
    defineCommand('diff', 'compare files with a store', [
      ['code-mode store diff --source ./library --target redis://localhost:6379', 'one line for each'],
    ]).requiredOption('--source <folder>', 'the files'),
  )
    .option('--json', 'print JSON')
    .addHelpText('after', SIGNS)
    .action(async (flags: StoreFlags) => (await actions()).diffStores(flags, terminal));
}

function copy({ terminal }: Context): Command {
  return writing(
    aboutTarget(
      defineCommand('copy', 'copy a whole store, with versions, trust and counts', [
        ['code-mode store copy --source .code-mode --target redis://localhost:6379', 'from a folder into Redis'],
        ['code-mode store copy --source redis://localhost:6379 --target ./backup', 'and back'],
      ]).requiredOption('--source <store>', 'where from: a folder, or redis://…'),
    )
      .option('--source-prefix <prefix>', 'prefix of the source, when it is Redis and another one than --prefix')
      .option('--source-workspace <id>', 'the part of the source'),
  ).action(async (flags: StoreFlags) => (await actions()).copyStore(flags, terminal));
}

function aboutTarget(command: Command): Command {
  return command
    .requiredOption('--target <store>', 'the store: a folder, redis://… or rediss://…')
    .option('--prefix <prefix>', 'prefix of the keys in Redis (default: py_code_mode)')
    .option('--workspace <id>', 'a part of the store that is kept apart')
    .addOption(new Option('--type <type>', 'one of them alone').choices(TYPES));
}

function writing(command: Command): Command {
  return command
    .option('--clear', 'delete what the source has not; asks first')
    .option('--dry-run', 'say what would change, and change nothing')
    .option('-y, --yes', 'delete without asking');
}

const SIGNS = `
Signs:
  +  only in the store, e.g. saved by an agent
  -  only in the files
  ~  in both, and different
  =  the same`;
