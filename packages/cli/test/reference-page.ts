import { createMcpCommand } from '@code-mode/mcp';
import type { Command } from 'commander';
import { allCommands, createProgram } from '../src/create-program.ts';
import { Terminal } from '../src/terminal/terminal.ts';

/** `docs/reference/cli.md`: the help of every command, in the order of the help. */
export function referencePage(): string {
  const program = createProgram(new Terminal(process), { exitCode: 0 });
  const commands = allCommands(program).filter((command) => !['__complete', 'mcp'].includes(command.name()));
  const sections = [...commands, createMcpCommand('code-mode mcp')].map(
    (command) => `## ${titleOf(command)}\n\n\`\`\`\n${helpOf(command).trimEnd()}\n\`\`\`\n`,
  );
  return `${HEAD}\n${sections.join('\n')}`;
}

const HEAD = `# The code-mode command

What \`code-mode --help\` and the help of each command say. [guides/cli.md](../guides/cli.md) is the way in.
`;

function titleOf(command: Command): string {
  return command.parent === null ? command.name() : `${titleOf(command.parent)} ${command.name()}`;
}

function helpOf(command: Command): string {
  let help = '';
  command.configureOutput({
    writeOut: (text) => {
      help += text;
    },
    getOutHelpWidth: () => 100,
  });
  command.outputHelp();
  return help;
}
