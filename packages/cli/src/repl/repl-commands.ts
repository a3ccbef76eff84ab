import type { Session } from '@code-mode/core';
import { orInterrupted } from '../session/interrupt.ts';
import { columns } from '../terminal/columns.ts';
import type { Terminal } from '../terminal/terminal.ts';

export interface ReplState {
  session: Session;
  terminal: Terminal;
  /** The last input that defines `run`. */
  defined: string | undefined;
  /** Ctrl-C. */
  signal: AbortSignal;
}

type ReplCommand = readonly [usage: string, does: string, act: (state: ReplState, words: string[]) => Promise<void>];

/** What a line that begins with a colon may say. */
const COMMANDS: readonly ReplCommand[] = [
  [':tools [words]', 'the tools, or those that fit the words', showTools],
  [':workflows [words]', 'the saved workflows, or those that fit the words', showWorkflows],
  [':artifacts [prefix]', 'the saved artifacts', showArtifacts],
  [':deps [add|remove PACKAGE]', 'the required packages, and a change of them', changeDeps],
  [':save NAME', 'save the last input that defines run(...) as a workflow', save],
  [':reset', 'a new Python process, without the variables', reset],
  [':help', 'this list', help],
  [':quit', 'end, as Ctrl-D does, and exit()', async () => {}],
];

export const COMMAND_NAMES = COMMANDS.map(([usage]) => usage.split(' ')[0] as string);

/** Carries out a command other than `:quit`, which ends the REPL. @throws Failure when it is interrupted */
export async function runReplCommand(line: string, state: ReplState): Promise<void> {
  const [name = '', ...words] = line.trim().split(/\s+/u);
  const found = COMMANDS.filter(([usage]) => usage.split(' ')[0] === name);
  const command = found[0] ?? (name.length > 1 ? COMMANDS.find(([usage]) => usage.startsWith(name)) : undefined);
  if (command === undefined) {
    state.terminal.say(`${name} is no command. There are ${COMMAND_NAMES.join(', ')}.`);
    return;
  }
  await command[2](state, words);
}

async function showTools({ session, terminal, signal }: ReplState, words: string[]): Promise<void> {
  using progress = terminal.progress('Loading tools …');
  const found = words.length === 0 ? session.tools.list() : session.tools.search(words.join(' '));
  const tools = await orInterrupted(found, signal);
  progress.end();
  const rows = tools.map(({ name, signature = name, description = '' }) => [signature, description]);
  terminal.print(rows.length > 0 ? columns(rows) : 'There are no such tools.');
  for (const { message } of await session.tools.problems()) terminal.say(message);
}

async function showWorkflows({ session, terminal, signal }: ReplState, words: string[]): Promise<void> {
  const { workflows } = session;
  const found = words.length === 0 ? workflows.list() : workflows.search(words.join(' '));
  const rows = (await orInterrupted(found, signal)).map(({ signature, description, problem }) => [
    signature,
    problem ?? description,
  ]);
  terminal.print(rows.length > 0 ? columns(rows) : 'There are no such workflows.');
}

async function showArtifacts({ session, terminal, signal }: ReplState, [prefix]: string[]): Promise<void> {
  const found = await orInterrupted(session.artifacts.list(prefix), signal);
  const rows = found.map(({ name, type, size }) => [name, type, `${size} bytes`]);
  terminal.print(rows.length > 0 ? columns(rows) : 'There are no such artifacts.');
}

async function changeDeps({ session, terminal, signal }: ReplState, [verb, ...packages]: string[]): Promise<void> {
  using progress = terminal.progress('Installing …');
  if (verb === 'add') await orInterrupted(session.deps.add(packages, { signal }), signal);
  else if (verb === 'remove') await orInterrupted(session.deps.remove(packages, { signal }), signal);
  else if (verb !== undefined) return terminal.say('Say :deps, :deps add PACKAGE or :deps remove PACKAGE.');
  progress.end();
  terminal.print((await session.deps.list()).join('\n') || 'No package is required.');
}

async function save({ session, terminal, defined }: ReplState, [name]: string[]): Promise<void> {
  if (name === undefined) return terminal.say('Say :save NAME.');
  if (defined === undefined) return terminal.say('Define run(...) first: a workflow is Python that defines it.');
  const { version } = await session.workflows.create(name, defined);
  terminal.print(`Saved as workflows.${name}, version ${version}.`);
}

async function reset({ session, terminal }: ReplState): Promise<void> {
  await session.reset();
  terminal.print('The next line starts a new Python process.');
}

async function help({ terminal }: ReplState): Promise<void> {
  terminal.print(columns(COMMANDS.map(([usage, does]) => [usage, does])));
  terminal.print('Everything else is Python. An empty line ends a block; Ctrl-C interrupts; Ctrl-D ends.');
}
