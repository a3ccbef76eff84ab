import type { Command } from 'commander';
import type { ArtifactFlags } from '../artifacts/artifact-actions.ts';
import { type Context, defineCommand, defineGroup } from '../define-command.ts';
import { sessionFlags } from '../session/session-flags.ts';

const actions = () => import('../artifacts/artifact-actions.ts');

export function artifactsCommand(context: Context): Command {
  const commands = [list, show, get, put, remove].map((define) => sessionFlags(define(context)));
  return defineGroup('artifacts', 'look at saved artifacts, and carry them in and out', commands, [
    ['code-mode artifacts list --base .code-mode', 'the artifacts of a folder'],
    ['code-mode artifacts get plot.png -o plot.png', 'one of them as a file'],
  ]);
}

function list({ terminal }: Context): Command {
  return defineCommand('list', 'list the artifacts', [
    ['code-mode artifacts list reports/', 'those whose name begins so'],
  ])
    .argument('[prefix]', 'how their names begin')
    .option('--json', 'print JSON')
    .action(async (prefix: string | undefined, flags: ArtifactFlags) =>
      (await actions()).listArtifacts(prefix, flags, terminal),
    );
}

function show({ terminal }: Context): Command {
  return defineCommand('show', 'print what is known of an artifact', [
    ['code-mode artifacts show plot.png', 'type, size, who saved it'],
  ])
    .argument('<name>', 'the artifact')
    .option('--json', 'print JSON')
    .action(async (name: string, flags: ArtifactFlags) => (await actions()).showArtifact(name, flags, terminal));
}

function get({ terminal }: Context): Command {
  return defineCommand('get', 'print an artifact, or write it to a file', [
    ['code-mode artifacts get rows.csv | head', 'print it'],
    ['code-mode artifacts get plot.png -o plot.png', 'write it to a file'],
  ])
    .argument('<name>', 'the artifact')
    .option('-o, --output <file>', 'the file to write; - prints', '-')
    .action(async (name: string, flags: ArtifactFlags) => (await actions()).getArtifact(name, flags, terminal));
}

function put({ terminal }: Context): Command {
  return defineCommand('put', 'save a file as an artifact', [
    ['code-mode artifacts put rows.csv ./rows.csv', 'a file'],
    ['ls | code-mode artifacts put files.txt -', 'standard input'],
  ])
    .argument('<name>', 'what it is called; one that ends in .txt, .csv, .json and the like is text')
    .argument('<file>', 'a file, or - for standard input')
    .option('--description <text>', 'what it is')
    .action(async (name: string, file: string, flags: ArtifactFlags) =>
      (await actions()).putArtifact(name, file, flags, terminal),
    );
}

function remove({ terminal }: Context): Command {
  return defineCommand('delete', 'delete an artifact', [
    ['code-mode artifacts delete plot.png --yes', 'without asking'],
  ])
    .argument('<name>', 'the artifact')
    .action(async (name: string, flags: ArtifactFlags) => (await actions()).deleteArtifact(name, flags, terminal));
}
