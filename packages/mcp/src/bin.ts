#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

// A client waits for the start: what Node compiles is kept for the next one. So the rest is imported behind this.
enableCompileCache();
const { createMcpCommand } = await import('./mcp-command.ts');
const { runCommand } = await import('./run-command.ts');
await runCommand(createMcpCommand());
