import { Argument, type Command } from 'commander';
import { completeWords } from '../completion/complete-words.ts';
import { SHELL_SCRIPTS } from '../completion/shell-scripts.ts';
import { type Context, defineCommand } from '../define-command.ts';

export function completionCommand({ terminal }: Context): Command {
  return defineCommand('completion', 'print a script that completes commands and flags', [
    ['eval "$(code-mode completion bash)"', 'in ~/.bashrc'],
    ['eval "$(code-mode completion zsh)"', 'in ~/.zshrc, after compinit'],
    ['code-mode completion fish > ~/.config/fish/completions/code-mode.fish', 'once'],
  ])
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SHELL_SCRIPTS)))
    .action((shell: keyof typeof SHELL_SCRIPTS) => {
      terminal.stdout.write(SHELL_SCRIPTS[shell]);
    });
}

/** What the scripts ask: the words of the line so far, the one to complete last. */
export function completeCommand({ terminal }: Context, program: Command): Command {
  return defineCommand('__complete', 'answer a completion script', [])
    .argument('[words...]')
    .action((words: string[]) => {
      const found = completeWords(program, words);
      if (found.length > 0) terminal.print(found.join('\n'));
    });
}
