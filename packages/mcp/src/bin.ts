#!/usr/bin/env node
import { createMcpCommand } from './mcp-command.ts';
import { runCommand } from './run-command.ts';

await runCommand(createMcpCommand());
