import type { Command } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { artifactsCommand } from './commands/artifacts.ts';
import { completeCommand, completionCommand } from './commands/completion.ts';
import { depsCommand } from './commands/deps.ts';
import { doctorCommand } from './commands/doctor.ts';
import { initCommand } from './commands/init.ts';
import { mcpCommand } from './commands/mcp.ts';
import { replCommand } from './commands/repl.ts';
import { runCommand } from './commands/run.ts';
import { storeCommand } from './commands/store.ts';
import { toolsCommand } from './commands/tools.ts';
import { workflowsCommand } from './commands/workflows.ts';
import type { Context } from './define-command.ts';
import { defineCommand } from './define-command.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Terminal } from './terminal/terminal.ts';

/** The whole tree of commands. What a command needs loads when it runs. */
export function createProgram(terminal: Terminal, outcome: { exitCode: ExitCode }): Command {
  const context: Context = {
    terminal,
    exitWith: (code) => {
      outcome.exitCode = code;
    },
  };
  const program = defineCommand('code-mode', 'Python that calls your tools', [
    ['code-mode doctor', 'what works on this machine'],
    ['code-mode init my-agent', 'an agent to begin with'],
    ["code-mode run -c 'sum(range(10))'", 'run a line of Python'],
    ['code-mode repl --tools ./tools', 'try tools'],
    ['code-mode mcp --base ~/.code-mode', 'the same for any MCP client'],
  ]).version(`code-mode ${manifest.version}`, '-V, --version', 'print the version');
  for (const define of COMMANDS) program.addCommand(define(context));
  for (const command of allCommands(program)) finish(command, terminal);
  // These have no flags of their own: the server reads all that follow, and a completion takes them as words.
  program.addCommand(mcpCommand());
  program.addCommand(completeCommand(context, program), { hidden: true });
  return program;
}

const COMMANDS = [
  initCommand,
  runCommand,
  replCommand,
  doctorCommand,
  toolsCommand,
  workflowsCommand,
  artifactsCommand,
  depsCommand,
  storeCommand,
  completionCommand,
];

/** A command and all below it. */
export function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

/** What is the same for all commands. */
function finish(command: Command, { stdout, stderr }: Terminal): void {
  if (command.commands.length === 0) command.option('--debug', 'print where an error comes from');
  command
    .exitOverride()
    .helpOption('-h, --help', 'print this text')
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      // Said once, in `runCommandLine`.
      outputError: () => {},
    });
  if (command.commands.length > 0) command.helpCommand('help [command]', 'print the help of a command');
}
