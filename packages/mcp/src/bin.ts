#!/usr/bin/env node
import { keepCompiled } from './keep-compiled.ts';

keepCompiled();
const { createMcpCommand } = await import('./mcp-command.ts');
const { runCommand } = await import('./run-command.ts');
await runCommand(createMcpCommand());
