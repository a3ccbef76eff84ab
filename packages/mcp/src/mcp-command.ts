import { readFileSync } from 'node:fs';
import { CodeModeError } from '@code-mode/core';
import { loadConfig, TOOL_FAMILIES } from '@code-mode/core/config';
import { Command, InvalidArgumentError } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { addConfigOptions, collect, configFlags } from './config-options.ts';
import { openMcpHost } from './mcp-host.ts';
import { serveUntilTheEnd } from './serve-until-the-end.ts';

/** The command that serves MCP: that of the bin `code-mode-mcp`, and of `code-mode mcp`. */
export function createMcpCommand(name = 'code-mode-mcp'): Command {
  const command = new Command(name)
    .description('Serves code mode to any MCP client, over stdin and stdout, or over HTTP.')
    .version(manifest.version);
  return addConfigOptions(command)
    .option(
      '--families <names>',
      `groups of tools to offer, with commas: ${TOOL_FAMILIES.join(', ')} (default: code-mode)`,
      names,
    )
    .option('--http [port]', 'serve over HTTP, at http://127.0.0.1:PORT/mcp (default port: 8333)', port)
    .option('--host <address>', 'address to listen on (default: 127.0.0.1); any other needs a token')
    .option(
      '--allow-host <name>',
      'a further name of this server, such as that of a proxy; may be given again',
      collect,
    )
    .option('--token-file <file>', 'file with the token that clients must send (default: $CODE_MODE_MCP_TOKEN)')
    .addHelpText('after', EXAMPLES.replaceAll('NAME', name))
    .action(serve);
}

const DEFAULT_PORT = 8333;
const EXAMPLES = `
Examples:
  $ NAME --base ~/.code-mode
  $ NAME --tools ./tools --policy ask-writes
  $ NAME --redis redis://localhost --prefix my-agent --families code-mode,ipython
  $ CODE_MODE_MCP_TOKEN=… NAME --base /srv/code-mode --http 8333 --host 0.0.0.0 --allow-host code.example.org`;

async function serve(options: Record<string, unknown>): Promise<void> {
  const { http, host, allowHost, tokenFile } = options as HttpFlags;
  if (http === undefined)
    for (const [flag, value] of [
      ['--host', host],
      ['--allow-host', allowHost],
      ['--token-file', tokenFile],
    ] as const)
      if (value !== undefined) throw new CodeModeError('invalid_options', `${flag} goes with --http.`);
  const loaded = await loadConfig({ flags: configFlags(options) });
  const mcp = await openMcpHost({ config: loaded.config, log });
  if (!mcp.durable)
    log('Workflows and artifacts are kept in memory and end with this server. --base FOLDER keeps them.');
  const token = tokenFile === undefined ? process.env.CODE_MODE_MCP_TOKEN : readToken(tokenFile);
  await serveUntilTheEnd(
    mcp,
    http === undefined
      ? undefined
      : {
          port: http === true ? DEFAULT_PORT : http,
          token,
          ...(host !== undefined && { host }),
          ...(allowHost && { allowHosts: allowHost }),
        },
    log,
  );
}

interface HttpFlags {
  http?: number | true;
  host?: string;
  allowHost?: string[];
  tokenFile?: string;
}

function log(line: string): void {
  process.stderr.write(`code-mode: ${line}\n`);
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new CodeModeError('invalid_options', `--token-file ${file} cannot be read: ${(cause as Error).message}`, {
      cause,
    });
  }
}

function names(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}

function port(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 65_535) return value;
  throw new InvalidArgumentError('It takes a port, 0 to 65535.');
}
