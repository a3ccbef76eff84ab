import type { Command } from 'commander';

/**
 * What could stand in place of the last word: commands, flags, or the values that a flag or an argument takes. None
 * where anything may stand, e.g. a file.
 */
export function completeWords(program: Command, words: readonly string[]): string[] {
  const current = words.at(-1) ?? '';
  let command = program;
  let taken = 0;
  let expects: readonly string[] | undefined;
  for (const word of words.slice(0, -1)) {
    if (expects !== undefined) {
      expects = undefined;
      continue;
    }
    const option = command.options.find(({ long, short }) => long === word || short === word);
    if (option?.required) expects = option.argChoices ?? [];
    if (option !== undefined || word.startsWith('-')) continue;
    const below = command.commands.find((each) => each.name() === word);
    if (below === undefined) taken++;
    else command = below;
  }
  return (expects ?? candidates(command, current, taken)).filter((name) => name.startsWith(current));
}

function candidates(command: Command, current: string, taken: number): readonly string[] {
  const help = command.createHelp();
  if (current.startsWith('-')) return help.visibleOptions(command).flatMap(({ long }) => long ?? []);
  if (command.commands.length > 0) return help.visibleCommands(command).map((each) => each.name());
  return command.registeredArguments[taken]?.argChoices ?? [];
}
