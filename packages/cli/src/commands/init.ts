import { type Command, Option } from 'commander';
import { type Context, defineCommand } from '../define-command.ts';
import { FRAMEWORKS } from '../init/frameworks.ts';
import type { InitFlags } from '../init/run-init.ts';

export function initCommand({ terminal }: Context): Command {
  return defineCommand('init', 'write a config, a tool, a workflow and an agent that runs', [
    ['code-mode init', 'asks what it has to know; nothing is overwritten'],
    ['code-mode init my-agent --framework mastra --yes', 'asks nothing'],
  ])
    .argument('[folder]', 'where to', '.')
    .addOption(new Option('--framework <name>', 'whose agent').choices(Object.keys(FRAMEWORKS)))
    .addOption(new Option('--storage <kind>', 'where workflows and artifacts are kept').choices(['folder', 'redis']))
    .option('--redis <url>', 'the address of the Redis (default: redis://localhost:6379)')
    .addOption(new Option('--isolation <mode>', 'what holds Python in').choices(['auto', 'required', 'none']))
    .option('-y, --yes', 'take the defaults of what is not said')
    .action(async (folder: string, flags: InitFlags) => {
      const { runInit } = await import('../init/run-init.ts');
      await runInit(folder, flags, terminal);
    });
}
