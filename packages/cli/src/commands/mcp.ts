import type { Command } from 'commander';
import { defineCommand } from '../define-command.ts';

/** The server of `@code-mode/mcp`, which reads its flags itself, `--help` included. */
export function mcpCommand(): Command {
  return defineCommand('mcp', 'serve any MCP client', [
    ['code-mode mcp --base ~/.code-mode', 'over standard input and output'],
    ['code-mode mcp --help', 'all its flags'],
  ])
    .usage('[options]')
    .allowExcessArguments()
    .helpOption(false)
    .allowUnknownOption()
    .action(async (_flags: unknown, command: Command) => {
      const { createMcpCommand, runCommand } = await import('@code-mode/mcp/command');
      await runCommand(createMcpCommand('code-mode mcp'), ['', '', ...command.args]);
    });
}
