import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CodeModeError, Session } from '@code-mode/core';
import { SubprocessExecutor } from '@code-mode/core/executors/subprocess';
import { expect, it } from 'vitest';
import { serveOverHttp } from '../src/serve-http.ts';
import { BIN } from './bin-path.ts';
import { atEnd, openHost } from './harness.ts';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
/** An installation from the index may be slow. */
const TIMEOUT_MS = 300_000;

it.each([
  ['the client of the Python SDK', 'python_client.py', ['mcp>=2,<3']],
  // AutoGen 0.7 asks for any version of mcp, and does not import with the second.
  ['the workbench of AutoGen', 'autogen_client.py', ['autogen-core>=0.7', 'autogen-ext[mcp]>=0.7', 'mcp<2']],
])('%s', { timeout: TIMEOUT_MS }, async (_, program, packages) => {
  const executor = new SubprocessExecutor();
  atEnd(() => executor.close());
  const session = new Session({ executor });
  atEnd(() => session.close());
  try {
    await session.deps.add(packages);
  } catch (error) {
    if (!CodeModeError.isInstance(error) || error.code !== 'install_failed') throw error;
    console.log(`skipped: ${program}, because ${packages.join(', ')} could not be installed: ${error.message}`);
    return;
  }
  const found = await session.run('import mcp, os\nos.path.dirname(os.path.dirname(mcp.__file__))');
  const sitePackages = found.status === 'completed' ? String(found.result) : '';
  const args = [join(import.meta.dirname, program), process.execPath, ...BIN, '--no-config'];
  const { stdout } = await run(await executor.python(), args, { env: { ...process.env, PYTHONPATH: sitePackages } });
  const [names, first, second] = JSON.parse(stdout);
  expect(names).toContain('run_code');
  expect(first).toBe('Result: 42');
  expect(second).toMatch(/^Error: ZeroDivisionError: division by zero\n\n6\nTraceback/);
});

it('the command line of the MCP inspector', { timeout: TIMEOUT_MS }, async () => {
  const inspector = require.resolve('@modelcontextprotocol/inspector/package.json');
  const { bin } = (await import(inspector, { with: { type: 'json' } })).default as { bin: Record<string, string> };
  const server = [process.execPath, ...BIN, '--no-config'];
  const call = ['--method', 'tools/call', '--tool-name', 'run_code', '--tool-arg', 'code=6 * 7'];
  const command = [join(inspector, '..', bin['mcp-inspector'] ?? ''), '--cli', ...server, ...call];
  const { stdout } = await run(process.execPath, command);
  expect(JSON.parse(stdout)).toMatchObject({
    content: [{ type: 'text', text: 'Result: 42' }],
    structuredContent: { status: 'completed', result: 42 },
  });
});

it('the conformance suite: what it asks of every server', { timeout: TIMEOUT_MS }, async () => {
  const server = await serveOverHttp(await openHost());
  atEnd(() => server.close());
  const suite = join(require.resolve('@modelcontextprotocol/conformance/package.json'), '../dist/index.js');
  // The other scenarios call tools, prompts and resources that only a server made for this suite has, so it fails as a whole.
  const { stdout } = await run(process.execPath, [suite, 'server', '--url', server.url]).catch(
    (error: { stdout: string }) => error,
  );
  const passed = [...stdout.matchAll(/^✓ ([a-z-]+): \d+ passed, 0 failed$/gm)].map(([, name]) => name);
  expect(passed).toEqual([
    ...['server-initialize', 'ping', 'tools-list', 'server-sse-multiple-streams', 'resources-list'],
    ...['resources-subscribe', 'resources-unsubscribe', 'prompts-list', 'dns-rebinding-protection'],
  ]);
});
