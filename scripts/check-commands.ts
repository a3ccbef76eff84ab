// Runs the commands as a build makes them, with the files that go with them: the unit tests run their sources.
import { strictEqual } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { StdioClient } from '../bench/mcp/stdio-client.ts';

const CLI = join(import.meta.dirname, '../packages/cli/dist');
const MCP = join(import.meta.dirname, '../packages/mcp/dist');
const CODE_MODE = join(CLI, 'bin/code-mode.js');

const run = [CODE_MODE, 'run', '--no-config', '-c', '1 + 1'];
strictEqual(execFileSync(process.execPath, run, { encoding: 'utf8' }), '2\n');
for (const server of [
  [CODE_MODE, 'mcp', '--no-config'],
  [join(MCP, 'bin/code-mode-mcp.js'), '--no-config'],
]) {
  await using client = new StdioClient(process.execPath, server);
  await client.initialize();
  strictEqual(await client.call('run_code', { code: '1 + 1' }), 'Result: 2');
}
for (const folder of [CLI, MCP])
  for (const file of ['bin/LICENCES.txt', 'kernel/__main__.py'])
    strictEqual(existsSync(join(folder, file)), true, `${folder} has no ${file}.`);
