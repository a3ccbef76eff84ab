#!/usr/bin/env node
import { keepCompiled } from '@code-mode/mcp/keep-compiled';

keepCompiled();
const { runCommandLine } = await import('./command-line.ts');
const { Terminal } = await import('./terminal/terminal.ts');

// Whoever reads has gone, as `head` does: there is nothing left to say.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}
// Not `process.exit`: what is written must reach a pipe first.
process.exitCode = await runCommandLine(process.argv.slice(2), new Terminal(process));
